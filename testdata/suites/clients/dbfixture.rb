require "json"

# One process for all commands: dbfixture = Dbfixture.new("-d", "test.db"); dbfixture.call("reset").
class Dbfixture
  def initialize(*options)
    @pipe = IO.popen(["dbfixture", "serve", *options], "r+", pgroup: true)
  end

  def call(*words, input: nil)
    @pipe.puts(JSON.generate({ argv: words, stdin: input }))
    answer = JSON.parse(@pipe.gets)
    raise answer["result"].to_s unless answer["status"].zero?

    answer["output"]
  end
end
