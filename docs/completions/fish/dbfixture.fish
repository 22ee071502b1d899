# Completion of dbfixture's command lines in fish.

function __dbfixture_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    set -l plain (string unescape -- $current)
    and set current $plain
    for line in (command $program __complete $words "$current" 2>/dev/null)
        switch $line
            case ':files' ':folders'
                set -l before (string match -r -- '^-[^=]*=' $current; or echo)
                set -l begun (string replace -r -- '^-[^=]*=' '' $current)
                for path in (__fish_complete_path "$begun")
                    if test $line = :files; or string match -q '*/*' -- (string split -m1 \t -- $path)[1]
                        echo $before$path
                    end
                end
            case ':command'
                set -l at (contains -i -- -- $words)
                complete -C(string join -- ' ' (string escape -- $words[(math $at + 1)..-1]) (commandline -ct))
            case '*'
                echo $line
        end
    end
end

complete -c dbfixture -f -k -a '(__dbfixture_complete)'
