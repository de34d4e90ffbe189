# Sends one packet in one network namespace and tells which chains of nftables it, and what answers it, met in others.
# One process: each socket is made in the namespace that it belongs to. Everything it makes in the kernel hangs on a socket
# or a pipe of its own, so that nothing stays when it ends, however it ends: the tables have the flag `owner`, and the
# kernel removes them when the `nft` that made them goes, which goes with its input.
# The packet is known anywhere by a number that no translation changes: TCP's sequence number, else the first four bytes
# behind the header. Only packets with that number, and their answers, are marked for tracing: to others nothing is done.
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
use Socket qw(:DEFAULT IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP inet_aton inet_ntoa);
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

sub enter {
  my ($name) = @_;
  open(my $file, '<', "/run/netns/$name") or die "there is no namespace $name\n";
  syscall($setns, fileno($file), CLONE_NEWNET) == 0 or die "setns $name: $!\n";
}

sub make {
  my ($kind, $what) = @_;
  socket(my $made, PF_INET, $kind, $what) or die "socket in $namespace: $!\n";
  fcntl($made, F_SETFL, fcntl($made, F_GETFL, 0) | O_NONBLOCK);
  return $made;
}

# What the packet and its answers are known by, as nft writes it.
sub matches {
  my $hex = sprintf('0x%08x', $number);
  my $quoted = 'meta l4proto icmp icmp type { destination-unreachable, time-exceeded }';
  if ($protocol == IPPROTO_TCP) {
    my $answer = sprintf('0x%08x', $number + 1);
    return ("meta l4proto tcp \@th,32,32 $hex", "meta l4proto tcp \@th,64,32 $answer", "$quoted \@th,256,32 $hex");
  }
  # An echo reply has its request's data.
  my @both = ("meta l4proto $protocol \@th,64,32 $hex", "$quoted \@th,288,32 $hex");
  return @both if $protocol != IPPROTO_UDP || !@peers;
  return (@both, 'ip saddr { ' . join(', ', @peers) . " } udp sport $port");
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
  my @lines = ('add table ip ' . TABLE . ' { flags owner; }');
  for my $hook ('prerouting', 'output') {
    push @lines, 'add chain ip ' . TABLE . " $hook { type filter hook $hook priority -450; policy accept; }";
    push @lines, 'add rule ip ' . TABLE . " $hook $_ meta nftrace set 1" for matches();
  }
  print $in "$_\n" for (@lines, 'list table ip ' . TABLE);
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
    if (defined $a{8} && length $a{8} >= 20) {
      my @bytes = unpack('C*', $a{8});
      $ttl = $bytes[8];
      $$direction = direction_of($bytes[9], $a{9} // '');
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
  return $is_ours && unpack('C', $content) == 8 ? 'there' : 'back' if $carried == IPPROTO_ICMP;
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
  my $ends = inet_aton($source) . inet_aton($destination);
  if ($protocol == IPPROTO_TCP) {
    my $header = pack('nnNNCCnnn', $source_port, $port, $number, 0, 5 << 4, SYN, 64240, 0, 0);
    return with_checksum($header, 16, $ends . pack('nn', $protocol, length $header));
  }
  my $data = pack('N', $number);
  if ($protocol == IPPROTO_UDP) {
    # To a DNS server a question about the root, which any answers; the number is its id and flags.
    $data .= pack('nnnnCnn', 1, 0, 0, 0, 0, 2, 1) if $port == 53;
    my $datagram = pack('nnnn', $source_port, $port, 8 + length $data, 0) . $data;
    return with_checksum($datagram, 6, $ends . pack('nn', $protocol, length $datagram));
  }
  return with_checksum(pack('CCnnn', 8, 0, 0, $number & 0xffff, 1) . $data, 2, '') if $protocol == IPPROTO_ICMP;
  return pack('NN', 0, 0) . $data;
}

my $is_answered = 0;

sub answer {
  my ($kind, $from, $code) = @_;
  printf("answer %s %s %d %.1f\n", $kind, $from, $code, 1000 * (time - $sent_at)) if !$is_answered;
  $is_answered = $is_over = 1;
}

# Hears what comes to the sender.
sub hear {
  my ($raw) = @_;
  while (defined(recv($raw, my $packet, 2048, 0))) {
    my $carried = unpack('x9 C', $packet);
    my ($from, $to) = map { inet_ntoa($_) } unpack('x12 a4 a4', $packet);
    my $content = substr($packet, 4 * (unpack('C', $packet) & 15));
    next if $to ne $source || length $content < 8;
    if ($carried == IPPROTO_ICMP) {
      my ($type, $code) = unpack('CC', $content);
      my $at = $protocol == IPPROTO_TCP ? 32 : 36;
      my $quoted = length $content >= $at + 4 ? unpack("x$at N", $content) : -1;
      answer('unreachable', $from, $code) if $type == 3 && $quoted == $number;
      answer('expired', $from, $code) if $type == 11 && $quoted == $number;
      my $is_echo = $protocol == IPPROTO_ICMP && $type == 0 && length $content >= 12;
      answer('echo-reply', $from, 0) if $is_echo && unpack('x8 N', $content) == $number;
      next;
    }
    next if $carried != $protocol || $from ne $destination;
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
  for my $each ($protocol == IPPROTO_ICMP ? ($protocol) : ($protocol, IPPROTO_ICMP)) {
    my $raw = make(SOCK_RAW, $each);
    on_readable($raw, sub { hear($raw) });
  }
  # Holds the port, so that the sender's kernel takes an answer for one.
  my $holder;
  if ($protocol == IPPROTO_UDP) {
    $holder = make(SOCK_DGRAM, $protocol);
    bind($holder, sockaddr_in($source_port, inet_aton($source))) or die "port $source_port: $!\n";
  }
  my $sender = make(SOCK_RAW, $protocol);
  bind($sender, sockaddr_in(0, inet_aton($source))) or die "$namespace has no address $source\n";
  $sent_at = time;
  send($sender, content(), 0, sockaddr_in(0, inet_aton($destination))) or print "unsent $!\n";
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
  }
  elsif ($verb eq 'peers') { push @peers, @words }
  elsif ($verb eq 'watch') { push @watched, @words }
  elsif ($verb eq 'go') { go(); exit 0 }
  else { die "no verb $verb\n" }
}
