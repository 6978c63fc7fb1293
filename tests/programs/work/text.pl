# Hashes, regular expressions, sorting, closures and string building.
use strict;
use warnings;

my $state = 42;
sub next_number { $state = ($state * 1103515245 + 12345) % 2147483648; return $state >> 8 }

my (%count, @lines);
for my $i (1 .. 60000) {
    my $word = join '', map { chr(97 + next_number() % 6) } 1 .. 1 + next_number() % 9;
    $count{$word}++;
    push @lines, "$word=$i" if $i % 3 == 0;
}
for my $word (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count) {
    last if $count{$word} < 300;
    print "$word $count{$word}\n";
}
my $text = join ';', @lines;
my $replaced = ($text =~ s/([abc]+)=(\d+)/$2:\U$1/g);
print length($text), " $replaced ", unpack('%32C*', $text), "\n";
my @closures = map { my $n = $_; sub { return $n * shift } } 1 .. 20000;
my $sum = 0;
$sum += $_->(3) for @closures;
print "$sum\n";
delete @count{ (sort keys %count)[0 .. 1000] };
print scalar(keys %count), "\n";
for my $round (1 .. 20) { my @nested = map { { id => $_, list => [1 .. $_ % 10] } } 1 .. 2000; }
open my $pipe, '-|', 'echo through a forked shell' or die;
print while <$pipe>;
