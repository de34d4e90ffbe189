# Sends one packet in one network namespace and tells which chains of nftables it, and what answers it, met in others.
# One process: each socket is made in the namespace that it belongs to. Everything it makes in the kernel hangs on a socket
# or a pipe of its own, so that nothing stays when it ends, however it ends: the tables have the flag `owner`, and the
# kernel removes them when the `nft` that made them goes, which goes with its input.
# The packet is known anywhere by a number that no translation changes: TCP's sequence number, else the first four bytes
# behind the header. Whether it is of IPv4 or IPv6 its source says. Only packets with that number, and their answers, are marked for tracing: to others nothing is done.
# Started inside the world; reads a command a line.
#
#   probe PROTOCOL NAMESPACE SOURCE PORT DESTINATION PORT MILLISECONDS NUMBER
#                            what is to be sent, and how long an answer is waited for
#   peers ADDRESS...         whose datagrams from the destination's port are answers: UDP's have no number
#   watch NAME...            namespaces in which it is followed
#   go                       sends it; answers, then ends:
#       trace NAME TABLE CHAIN TYPE HANDLE VERDICT DIRECTION TTL    TTL is - where the kernel gave no header again
#       answer KIND ADDRESS CODE MILLISECONDS
#       unsent REASON
#       done
use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP IPPROTO_ICMPV6 inet_pton inet_ntop pack_sockaddr_in6
  unpack_sockaddr_in6);
use Fcntl;
use IPC::Open2;
use Time::HiRes qw(time);

use constant CLONE_NEWNET      => 0x40000000;
use constant AF_NETLINK        => 16;
use constant NETLINK_NETFILTER => 12;
use constant SOL_NETLINK       => 270;
use constant ADD_MEMBERSHIP    => 1;
use constant NFTRACE_GROUP     => 9;
# NFNL_SUBSYS_NFTABLES and NFT_MSG_TRACE.
use constant TRACE_MESSAGE     => 10 << 8 | 17;
use constant SYN               => 0x02;
use constant RST               => 0x04;
use constant ACK               => 0x10;
# Of its own, should another be at work.
use constant TABLE             => "croft_trace_$$";
# setns by its number, which perl does not know.
my %setns_of = (x86_64 => 308, aarch64 => 268);
my $machine = `uname -m`;
chomp $machine;
my $setns = $setns_of{$machine} or die "setns has no known number on $machine\n";

my ($protocol, $namespace, $source, $source_port, $destination, $port, $milliseconds, $number);
my (@peers, @watched, @keepers, %readers);
# Whether nothing more is to come, and when the packet was sent.
my ($is_over, $sent_at) = (0, 0);

# What differs between IPv4 and IPv6: the header, with where hops left and the protocol stand in it; ICMP's number, its types,
# and what each of its errors is told as; nft's words. A raw socket of IPv6 gives what comes without the header.
my %ipv4 = (
  family => AF_INET, word => 'ip', header => 20, hops_at => 8, protocol_at => 9, is_header_given => 1,
  icmp => IPPROTO_ICMP, icmp_word => 'icmp', echo_request => 8, echo_reply => 0,
  errors => { 3 => 'unreachable', 11 => 'expired' },
);
my %ipv6 = (
  family => AF_INET6, word => 'ip6', header => 40, hops_at => 7, protocol_at => 6, is_header_given => 0,
  icmp => IPPROTO_ICMPV6, icmp_word => 'icmpv6', echo_request => 128, echo_reply => 129,
  errors => { 1 => 'unreachable', 3 => 'expired', 4 => 'unknown-protocol' },
);
my $ip;

# An address and a port as the kernel writes them.
sub end_of {
  my ($address, $end_port) = @_;
  my $bytes = inet_pton($ip->{family}, $address) // die "$address is of another family\n";
  return $ip->{family} == AF_INET6 ? pack_sockaddr_in6($end_port, $bytes) : pack_sockaddr_in($end_port, $bytes);
}

# The address of such an end.
sub address_at {
  my ($end) = @_;
  my (undef, $bytes) = $ip->{family} == AF_INET6 ? unpack_sockaddr_in6($end) : unpack_sockaddr_in($end);
  return inet_ntop($ip->{family}, $bytes);
}

# What a checksum covers besides the packet's content.
sub pseudo_header {
  my ($length) = @_;
  my $ends = inet_pton($ip->{family}, $source) . inet_pton($ip->{family}, $destination);
  return $ends . ($ip->{family} == AF_INET6 ? pack('N x3 C', $length, $protocol) : pack('nn', $protocol, $length));
}

sub enter {
  my ($name) = @_;
  open(my $file, '<', "/run/netns/$name") or die "there is no namespace $name\n";
  syscall($setns, fileno($file), CLONE_NEWNET) == 0 or die "setns $name: $!\n";
}

sub make {
  my ($kind, $what) = @_;
  socket(my $made, $ip->{family}, $kind, $what) or die "socket in $namespace: $!\n";
  fcntl($made, F_SETFL, fcntl($made, F_GETFL, 0) | O_NONBLOCK);
  return $made;
}

sub make_at_source {
  my ($what) = @_;
  my $raw = make(SOCK_RAW, $what);
  bind($raw, end_of($source, 0)) or die "$namespace has no address $source\n";
  return $raw;
}

# Where the number stands in what an ICMP error quotes, in bytes from its own beginning.
sub quoted_at {
  return 8 + $ip->{header} + ($protocol == IPPROTO_TCP ? 4 : 8);
}

# What the packet and its answers are known by, as nft writes it.
sub matches {
  my $hex = sprintf('0x%08x', $number);
  my $types = join(', ', sort keys %{$ip->{errors}});
  my $quoted = "meta l4proto $ip->{icmp} $ip->{icmp_word} type { $types } \@th," . 8 * quoted_at() . ",32 $hex";
  if ($protocol == IPPROTO_TCP) {
    my $answer = sprintf('0x%08x', $number + 1);
    return ("meta l4proto tcp \@th,32,32 $hex", "meta l4proto tcp \@th,64,32 $answer", $quoted);
  }
  # An echo reply has its request's data.
  my @both = ("meta l4proto $protocol \@th,64,32 $hex", $quoted);
  return @both if $protocol != IPPROTO_UDP || !@peers;
  return (@both, "$ip->{word} saddr { " . join(', ', @peers) . " } udp sport $port");
}

sub watch {
  my ($name) = @_;
  enter($name);
  socket(my $netlink, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) or die "netlink in $name: $!\n";
  bind($netlink, pack('SSLL', AF_NETLINK, 0, 0, 0)) or die "netlink in $name: $!\n";
  setsockopt($netlink, SOL_NETLINK, ADD_MEMBERSHIP, pack('l', NFTRACE_GROUP)) or die "nftrace in $name: $!\n";
  fcntl($netlink, F_SETFL, fcntl($netlink, F_GETFL, 0) | O_NONBLOCK);
  my $direction = '-';
  my %ours;
  on_readable($netlink, sub {
    while (defined(recv($netlink, my $bytes, 65536, 0))) {
      read_messages($name, $bytes, \$direction, \%ours);
    }
  });
  my $pid = open2(my $out, my $in, 'nft', '-i');
  my $table = "$ip->{word} " . TABLE;
  my @lines = ("add table $table { flags owner; }");
  for my $hook ('prerouting', 'output') {
    push @lines, "add chain $table $hook { type filter hook $hook priority -450; policy accept; }";
    push @lines, "add rule $table $hook $_ meta nftrace set 1" for matches();
  }
  print $in "$_\n" for (@lines, "list table $table");
  $in->flush();
  # Its listing comes last: when its second chain has been closed, all of it is there.
  my $closed = 0;
  while ($closed < 3) {
    my $line = <$out>;
    die "nft in $name cannot follow packets\n" if !defined $line;
    $closed++ if $line =~ /^\s*\}\s*$/;
  }
  push @keepers, [$pid, $in, $out];
}

sub on_readable {
  my ($socket, $act) = @_;
  $readers{fileno($socket)} = [$socket, $act];
}

sub read_attributes {
  my ($bytes) = @_;
  my %attributes;
  while (length $bytes >= 4) {
    my ($length, $type) = unpack('SS', $bytes);
    last if $length < 4;
    $attributes{$type & 0x3fff} = substr($bytes, 4, $length - 4);
    my $next = ($length + 3) & ~3;
    $bytes = $next < length $bytes ? substr($bytes, $next) : '';
  }
  return %attributes;
}

my %verdicts = (0 => 'drop', 1 => 'accept', 2 => 'stolen', 3 => 'queue', 4294967295 => 'continue',
  4294967294 => 'break', 4294967293 => 'jump', 4294967292 => 'goto', 4294967291 => 'return');
my %types = (1 => 'policy', 2 => 'return', 3 => 'rule');

sub read_messages {
  my ($name, $bytes, $direction, $ours) = @_;
  while (length $bytes >= 20) {
    my ($length, $type) = unpack('LS', $bytes);
    last if $length < 20;
    my $message = substr($bytes, 20, $length - 20);
    $bytes = substr($bytes, ($length + 3) & ~3);
    next if $type != TRACE_MESSAGE;
    my %a = read_attributes($message);
    my ($table, $chain) = map { unpack('Z*', $_ // '-') } @a{1, 2};
    # Others may follow packets of their own: ours have met our own table first.
    $ours->{$a{6} // ''} = 1 if $table eq TABLE;
    next if !$ours->{$a{6} // ''};
    my $ttl = '-';
    if (defined $a{8} && length $a{8} >= $ip->{header}) {
      my @bytes = unpack('C*', $a{8});
      $ttl = $bytes[$ip->{hops_at}];
      $$direction = direction_of($bytes[$ip->{protocol_at}], $a{9} // '');
    }
    my $verdict = '-';
    if (defined $a{5}) {
      my %code = read_attributes($a{5});
      $verdict = $verdicts{unpack('N', $code{1} // "\xff\xff\xff\xff")} // '-';
    }
    $verdict = unpack('N', $a{16} // "\0\0\0\0") ? 'accept' : 'drop' if defined $a{16};
    my $handle = defined $a{3} ? unpack('Q>', $a{3}) : '-';
    my $kind = $types{unpack('N', $a{4} // "\0\0\0\0")} // '-';
    # Nothing will come of a packet that was dropped; there is but one.
    $is_over ||= $verdict eq 'drop';
    print "trace $name $table $chain $kind $handle $verdict $$direction $ttl\n";
  }
}

# Whether the packet is the one that was sent or an answer to it.
sub direction_of {
  my ($carried, $content) = @_;
  return 'back' if $carried != $protocol || length $content < 12;
  return unpack('x4 N', $content) == $number ? 'there' : 'back' if $carried == IPPROTO_TCP;
  my $is_ours = unpack('x8 N', $content) == $number;
  return $is_ours && unpack('C', $content) == $ip->{echo_request} ? 'there' : 'back' if $carried == $ip->{icmp};
  # A server may send the same bytes back.
  my ($from_port, $to_port) = unpack('nn', $content);
  return $is_ours && ($to_port == $port || $from_port != $port) ? 'there' : 'back' if $carried == IPPROTO_UDP;
  return $is_ours ? 'there' : 'back';
}

sub checksum {
  my ($bytes) = @_;
  $bytes .= "\0" if length($bytes) % 2;
  my $sum = 0;
  $sum += $_ for unpack('n*', $bytes);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}

sub with_checksum {
  my ($content, $at, $pseudo) = @_;
  substr($content, $at, 2) = pack('n', checksum($pseudo . $content));
  return $content;
}

# What the packet holds behind its IP header.
sub content {
  if ($protocol == IPPROTO_TCP) {
    my $header = pack('nnNNCCnnn', $source_port, $port, $number, 0, 5 << 4, SYN, 64240, 0, 0);
    return with_checksum($header, 16, pseudo_header(length $header));
  }
  my $data = pack('N', $number);
  if ($protocol == IPPROTO_UDP) {
    # To a DNS server a question about the root, which any answers; the number is its id and flags.
    $data .= pack('nnnnCnn', 1, 0, 0, 0, 0, 2, 1) if $port == 53;
    my $datagram = pack('nnnn', $source_port, $port, 8 + length $data, 0) . $data;
    return with_checksum($datagram, 6, pseudo_header(length $datagram));
  }
  if ($protocol == $ip->{icmp}) {
    my $echo = pack('CCnnn', $ip->{echo_request}, 0, 0, $number & 0xffff, 1) . $data;
    # The kernel makes ICMPv6's.
    return $protocol == IPPROTO_ICMPV6 ? $echo : with_checksum($echo, 2, '');
  }
  return pack('NN', 0, 0) . $data;
}

my $is_answered = 0;

sub answer {
  my ($kind, $from, $code) = @_;
  printf("answer %s %s %d %.1f\n", $kind, $from, $code, 1000 * (time - $sent_at)) if !$is_answered;
  $is_answered = $is_over = 1;
}

# Hears what comes to the sender's address of one protocol.
sub hear {
  my ($raw, $carried) = @_;
  while (defined(my $end = recv($raw, my $content, 2048, 0))) {
    my $from = address_at($end);
    substr($content, 0, 4 * (unpack('C', $content) & 15)) = '' if $ip->{is_header_given};
    next if length $content < 8;
    if ($carried == $ip->{icmp}) {
      my ($type, $code) = unpack('CC', $content);
      my $error = $ip->{errors}{$type};
      my $at = quoted_at();
      answer($error, $from, $code) if $error && length $content >= $at + 4 && unpack("x$at N", $content) == $number;
      my $is_echo = $protocol == $ip->{icmp} && $type == $ip->{echo_reply} && length $content >= 12;
      answer('echo-reply', $from, 0) if $is_echo && unpack('x8 N', $content) == $number;
      next;
    }
    next if $from ne $destination;
    if ($carried == IPPROTO_TCP) {
      my ($from_port, $to_port, undef, $acknowledged, undef, $flags) = unpack('nnNNCC', $content);
      next if $from_port != $port || $to_port != $source_port || $acknowledged != (($number + 1) & 0xffffffff);
      answer($flags & RST ? 'rst' : 'syn-ack', $from, 0) if $flags & (SYN | RST);
    } elsif ($carried == IPPROTO_UDP) {
      my ($from_port, $to_port) = unpack('nn', $content);
      answer('datagram', $from, 0) if $from_port == $port && $to_port == $source_port;
    } else {
      answer('packet', $from, 0);
    }
  }
}

# Reads whatever comes until the time is over, or nothing more is to come and to be read.
sub attend {
  my $end = time + $milliseconds / 1000;
  while (1) {
    my $bits = '';
    vec($bits, $_, 1) = 1 for keys %readers;
    my $left = $is_over ? 0.05 : $end - time;
    my $count = select(my $ready = $bits, undef, undef, $left > 0 ? $left : 0);
    last if $count < 1 && ($is_over || $left <= 0);
    for my $file (keys %readers) {
      $readers{$file}[1]->() if vec($ready, $file, 1);
    }
  }
}

sub go {
  watch($_) for @watched;
  enter($namespace);
  for my $each ($protocol == $ip->{icmp} ? ($protocol) : ($protocol, $ip->{icmp})) {
    my $raw = make_at_source($each);
    on_readable($raw, sub { hear($raw, $each) });
  }
  # Holds the port, so that the sender's kernel takes an answer for one.
  my $holder;
  if ($protocol == IPPROTO_UDP) {
    $holder = make(SOCK_DGRAM, $protocol);
    bind($holder, end_of($source, $source_port)) or die "port $source_port: $!\n";
  }
  my $sender = make_at_source($protocol);
  $sent_at = time;
  send($sender, content(), 0, end_of($destination, 0)) or print "unsent $!\n";
  attend();
  for my $keeper (@keepers) {
    my ($pid, $in, $out) = @$keeper;
    close $in;
    waitpid($pid, 0);
  }
  print "done\n";
}

$| = 1;
$SIG{PIPE} = 'IGNORE';
while (my $line = <STDIN>) {
  my ($verb, @words) = split ' ', $line;
  if ($verb eq 'probe') {
    ($protocol, $namespace, $source, $source_port, $destination, $port, $milliseconds, $number) = @words;
    $ip = $source =~ /:/ ? \%ipv6 : \%ipv4;
  }
  elsif ($verb eq 'peers') { push @peers, @words }
  elsif ($verb eq 'watch') { push @watched, @words }
  elsif ($verb eq 'go') { go(); exit 0 }
  else { die "no verb $verb\n" }
}
