# Ruby 3.1.2 (Debian 12: ruby3.1 3.1.7+really3.1.2-0+deb12u1), its objspace library.
#
# An Array of a million elements is 8,000,040 bytes by ObjectSpace.memsize_of. Copy it (dup), and the original is 40 bytes, the copy 40
# bytes, and the sum over ObjectSpace.each_object 8 MB lower than before: the elements moved to a hidden Array that both share, and
# hidden objects are not walked. A leak hunt that sums sizes by class sees memory vanish whenever something is copied. memsize_of_all
# still has it. A String does the same to both sizes, but its shared text is an object that is walked: its sum stays.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1 libyaml-0-2 2>/dev/null
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu
export RUBYLIB=$PWD/root/usr/lib/ruby/3.1.0:$PWD/root/usr/lib/x86_64-linux-gnu/ruby/3.1.0

cat > sizes.rb <<'R'
require "objspace"
def walked = ObjectSpace.each_object.sum { |each| ObjectSpace.memsize_of(each) }
def kept = ObjectSpace.memsize_of_all
def look(what, original)
  GC.start
  before, all, size = walked, kept, ObjectSpace.memsize_of(original)
  copy = original.dup
  change = ->(bytes) { (bytes / 1e6).round }
  puts "#{what}: #{size}, copied: #{ObjectSpace.memsize_of(original)} and #{ObjectSpace.memsize_of(copy)}, " \
       "walked #{change[walked - before]} MB, all #{change[kept - all]} MB"
end
look("Array", Array.new(1_000_000, 1))
look("String", "x" * 8_000_000)
R
seen=$(root/usr/bin/ruby3.1 --disable-gems sizes.rb)
expect "version" "$(root/usr/bin/ruby3.1 --disable-gems -e 'print RUBY_VERSION')" "3.1.2"
expect "sizes" "$seen" "Array: 8000040, copied: 40 and 40, walked -8 MB, all 0 MB
String: 8000041, copied: 40 and 40, walked 0 MB, all 0 MB"
