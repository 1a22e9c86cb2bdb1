#! /usr/bin/env perl
my $link = "cc -shared -o m.abi3.so m.c -lpython3.11";
if (1) {
  print qq(;;;
}
