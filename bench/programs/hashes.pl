# What Perl programs allocate: hashes, lists, strings, regular expressions.
use strict;
use warnings;

my $seed = 1;
sub below { $seed = ($seed * 1103515245 + 12345) % 2147483648; return $seed % $_[0]; }

my (%records, @lines);
for my $i (1 .. 120_000) {
    my $key = 'key' . below(40_000);
    push @{ $records{$key}{values} }, { id => $i, name => "name $i" };
    push @lines, "$key: " . join(',', map { below(1000) } 1 .. 4);
}
my %total;
for my $line (@lines) {
    my ($key, @values) = $line =~ /(\w+)/g;
    $total{$key} += $_ for @values;
}
delete $records{$_} for grep { $total{$_} % 2 } keys %total;
my @sorted = sort { $total{$a} <=> $total{$b} || $a cmp $b } keys %total;
print scalar(@sorted), ' ', scalar(keys %records), "\n";
