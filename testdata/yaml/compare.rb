# SPDX-License-Identifier: MIT
# compare.rb YAML JSON: Psych's safe_load reads from YAML what JSON holds. Exit status 0: equal; 1: the first difference is printed.
require 'json'
require 'yaml'

def form(value)
  case value
  when Hash
    return value['$binary'].unpack1('m') if value.keys == ['$binary']
    return { 'Infinity' => Float::INFINITY, '-Infinity' => -Float::INFINITY, 'NaN' => Float::NAN }[value['$real']] if value.keys == ['$real']
    value.transform_values { |v| form(v) }
  when Array then value.map { |v| form(v) }
  else value
  end
end

def difference(a, b, path = '$')
  return "#{path}: #{a.inspect} is not #{b.inspect}" unless a.class == b.class
  case a
  when Hash
    return "#{path}: keys #{a.keys.inspect} are not #{b.keys.inspect}" unless a.keys == b.keys
    a.each_key { |k| d = difference(a[k], b[k], "#{path}.#{k}") and return d }
    nil
  when Array
    return "#{path}: #{a.size} items, not #{b.size}" unless a.size == b.size
    a.each_index { |i| d = difference(a[i], b[i], "#{path}[#{i}]") and return d }
    nil
  when Float then a == b || (a.nan? && b.nan?) ? nil : "#{path}: #{a} is not #{b}"
  else a == b || (a.is_a?(String) && a.b == b.b) ? nil : "#{path}: #{a.inspect} is not #{b.inspect}"
  end
end

found = difference(YAML.safe_load(File.read(ARGV[0], encoding: 'utf-8')), form(JSON.parse(File.read(ARGV[1], encoding: 'utf-8'))))
puts found if found
exit(found ? 1 : 0)
