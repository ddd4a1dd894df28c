# Oracle: Gem::Version. Reads a<TAB>b lines, writes one of < = > ! (malformed) a line.
if ARGV == ["--version"]
  puts "Gem::Version, RubyGems #{Gem::VERSION}"
else
  $stdin.each_line do |line|
    a, b = line.chomp("\n").split("\t", -1)
    begin
      puts "<=>"[(Gem::Version.new(a) <=> Gem::Version.new(b)) + 1]
    rescue ArgumentError
      puts "!"
    end
  end
end
