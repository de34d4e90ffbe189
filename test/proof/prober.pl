# Sends the first packets of many flows at once in the namespaces of one world, and tells which of them arrived, where, and
# which were answered. One process: each socket is made in the namespace that it belongs to. Packets are sent raw, so that
# each carries a number of its own by which it is known wherever it comes out, whatever was translated on the way; TCP is
# answered by the kernel for real listeners, ICMP by the kernel itself, UDP and protocol 253 from here. An address says by
# itself whether it is of IPv4 or IPv6.
# Started inside the world; reads a command a line.
#
#   receiver NAME ADDRESS...    whatever reaches NAME is seen, and answered on the served ports of its addresses
#   probe ID PROTOCOL SENDER ADDRESS PORT ADDRESS PORT    a packet from an address and port of SENDER to another; ID from 1
#   forge ID ...                the same from an address of IPv6 that SENDER has not
#   go MILLISECONDS             sends the probes; answers `arrived ID NAME ADDRESS PORT` (as its source looked there) and
#                               `answered ID` lines, then `done`
#   open ID SENDER ADDRESS PORT ADDRESS PORT    begins a TCP connection that stays
#   opened MILLISECONDS         answers `open ID` for those that stand, then `done`
#   again MILLISECONDS          sends a byte on each; answers `answered ID` where it was echoed, then `done`
#   flush NAME                  the namespace forgets all connections, and ARP questions that nobody has answered
#   close                       breaks off connections and closes receivers; answers `done`
use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP IPPROTO_ICMPV6 IPPROTO_IPV6 IPV6_V6ONLY inet_pton inet_ntop
  pack_sockaddr_in6 unpack_sockaddr_in6);
use Fcntl;
use Time::HiRes qw(time);

use constant CLONE_NEWNET     => 0x40000000;
use constant AF_NETLINK       => 16;
use constant NETLINK_ROUTE     => 0;
use constant NETLINK_NETFILTER => 12;
use constant NLMSG_ERROR       => 2;
use constant NLMSG_DONE        => 3;
use constant RTM_DELNEIGH      => 29;
use constant RTM_GETNEIGH      => 30;
use constant NDA_DST           => 1;
use constant NUD_INCOMPLETE    => 1;
use constant ENOENT            => 2;
# Of a netlink message: a request, one that is acknowledged, one for all there are.
use constant REQUEST          => 0x001;
use constant ACKNOWLEDGED     => 0x005;
use constant DUMP             => 0x301;
use constant IPV6_FREEBIND    => 78;
use constant OTHER_PROTOCOL   => 253;
use constant SYN              => 0x02;
use constant ACK              => 0x10;
my @served = (22, 80, 443, 5000, 45000);
# Before the number in what UDP and the other protocol carry: a question or an answer to one.
my ($question, $answer) = ('Q', 'A');
# setns by its number, which perl does not know.
my %setns_of = (x86_64 => 308, aarch64 => 268);
my $machine = `uname -m`;
chomp $machine;
my $setns = $setns_of{$machine} or die "setns has no known number on $machine\n";

my %namespaces;    # by name: an open file
my %senders;       # by namespace, protocol and address: a raw socket
my %readers;       # by file number: [socket, what reads it]
my %probes;         # by ID: [ID, protocol, namespace, its end, the other end]
my %forged;        # by ID: whether it is from an address that is not its sender's
my %connections;   # by ID: a socket

sub enter {
  my ($name) = @_;
  if (!$namespaces{$name}) {
    open(my $file, '<', "/run/netns/$name") or die "namespace $name: $!\n";
    $namespaces{$name} = $file;
  }
  syscall($setns, fileno($namespaces{$name}), CLONE_NEWNET) == 0 or die "setns $name: $!\n";
}

sub family_of {
  my ($address) = @_;
  return $address =~ /:/ ? AF_INET6 : AF_INET;
}

# An address and a port as the kernel writes them.
sub end_of {
  my ($address, $port) = @_;
  my $family = family_of($address);
  my $bytes = inet_pton($family, $address) // die "$address is no address\n";
  return $family == AF_INET6 ? pack_sockaddr_in6($port, $bytes) : pack_sockaddr_in($port, $bytes);
}

# The address of such an end.
sub address_at {
  my ($end) = @_;
  my $family = sockaddr_family($end);
  my (undef, $bytes) = $family == AF_INET6 ? unpack_sockaddr_in6($end) : unpack_sockaddr_in($end);
  return inet_ntop($family, $bytes);
}

sub make {
  my ($namespace, $family, $kind, $protocol) = @_;
  enter($namespace);
  socket(my $made, $family, $kind, $protocol) or die "socket in $namespace: $!\n";
  setsockopt($made, SOL_SOCKET, SO_REUSEADDR, 1);
  # Closed, a connection is gone at both ends at once, also where its packets no longer pass (what is accepted inherits it): an
  # end that waited for the other would take the first packet of the next connection between the same ports for its own.
  setsockopt($made, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) if $kind == SOCK_STREAM;
  fcntl($made, F_SETFL, fcntl($made, F_GETFL, 0) | O_NONBLOCK);
  return $made;
}

sub on_readable {
  my ($socket, $act) = @_;
  $readers{fileno($socket)} = [$socket, $act];
}

sub checksum {
  my ($bytes) = @_;
  $bytes .= "\0" if length($bytes) % 2;
  my $sum = 0;
  $sum += $_ for unpack('n*', $bytes);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}

sub pseudo_header {
  my ($from, $to, $protocol, $length) = @_;
  my $family = family_of($from);
  my $ends = inet_pton($family, $from) . inet_pton($family, $to);
  return $ends . ($family == AF_INET6 ? pack('N x3 C', $length, $protocol) : pack('nn', $protocol, $length));
}

# What a packet of each protocol holds behind its IP header.
sub content {
  my ($id, $protocol, $from, $from_port, $to, $to_port) = @_;
  if ($protocol == IPPROTO_TCP) {
    my $header = pack('nnNNCCnnn', $from_port, $to_port, $id, 0, 5 << 4, SYN, 64240, 0, 0);
    substr($header, 16, 2) = pack('n', checksum(pseudo_header($from, $to, $protocol, length $header) . $header));
    return $header;
  }
  if ($protocol == IPPROTO_UDP) {
    my $datagram = pack('nnnn', $from_port, $to_port, 13, 0) . $question . pack('N', $id);
    substr($datagram, 6, 2) = pack('n', checksum(pseudo_header($from, $to, $protocol, 13) . $datagram));
    return $datagram;
  }
  if ($protocol == IPPROTO_ICMP) {
    my $echo = pack('CCnnnN', 8, 0, 0, $id & 0xffff, 1, $id);
    substr($echo, 2, 2) = pack('n', checksum($echo));
    return $echo;
  }
  # The kernel makes ICMPv6's checksum.
  return pack('CCnnnN', 128, 0, 0, $id & 0xffff, 1, $id) if $protocol == IPPROTO_ICMPV6;
  return $question . pack('N', $id);
}

# What came in raw, as [is it an answer, ID, ports]; nothing where it is not ours.
sub read_content {
  my ($protocol, $content) = @_;
  if ($protocol == IPPROTO_TCP) {
    return if length $content < 20;
    my ($from_port, $to_port, $sequence, $acknowledged, undef, $flags) = unpack('nnNNCC', $content);
    return (0, $sequence, $from_port, $to_port) if ($flags & (SYN | ACK)) == SYN;
    return (1, $acknowledged - 1, $from_port, $to_port) if ($flags & (SYN | ACK)) == (SYN | ACK);
    return;
  }
  if ($protocol == IPPROTO_UDP) {
    return if length $content != 13;
    my ($from_port, $to_port, undef, undef, $kind, $id) = unpack('nnnnaN', $content);
    return ($kind eq $answer ? 1 : 0, $id, $from_port, $to_port);
  }
  if ($protocol == IPPROTO_ICMP || $protocol == IPPROTO_ICMPV6) {
    return if length $content != 12;
    my ($type, undef, undef, undef, undef, $id) = unpack('CCnnnN', $content);
    my ($request, $reply) = $protocol == IPPROTO_ICMP ? (8, 0) : (128, 129);
    return $type == $request ? (0, $id, 0, 0) : $type == $reply ? (1, $id, 0, 0) : ();
  }
  return if length $content != 5;
  my ($kind, $id) = unpack('aN', $content);
  return ($kind eq $answer ? 1 : 0, $id, 0, 0);
}

# Hears what comes to a namespace over IPv4.
sub sniff {
  my ($name, $protocol) = @_;
  my $raw = make($name, AF_INET, SOCK_RAW, $protocol);
  on_readable($raw, sub {
    while (defined(recv($raw, my $packet, 2048, 0))) {
      my $length = 4 * (unpack('C', $packet) & 15);
      my ($from, $to) = map { inet_ntoa($_) } unpack('x12 a4 a4', $packet);
      hear($name, $protocol, $from, $to, substr($packet, $length));
    }
  });
}

# Hears what comes to an address of IPv6: such packets are got without a header, which would say whom they are for.
sub sniff_at {
  my ($name, $protocol, $address) = @_;
  my $raw = make($name, AF_INET6, SOCK_RAW, $protocol);
  bind($raw, end_of($address, 0)) or die "bind to $address in $name: $!\n";
  on_readable($raw, sub {
    while (defined(my $end = recv($raw, my $content, 2048, 0))) {
      hear($name, $protocol, address_at($end), $address, $content);
    }
  });
}

sub hear {
  my ($name, $protocol, $from, $to, $content) = @_;
  my ($is_answer, $id, $from_port, $to_port) = read_content($protocol, $content);
  my $probe = defined $id && $probes{$id} or return;
  if ($is_answer) {
    # Addressed to the sender by what it asked, or it is no answer.
    my (undef, undef, $sender, @asked) = @$probe;
    print "answered $id\n" if $sender eq $name && "@asked" eq "$to $to_port $from $from_port";
    return;
  }
  print "arrived $id $name $from $from_port\n";
  return if $protocol != OTHER_PROTOCOL;
  my $reply = sender($name, $protocol, $to);
  send($reply, $answer . pack('N', $id), 0, end_of($from, 0));
}

sub sender {
  my ($name, $protocol, $address, $is_forged) = @_;
  return $senders{"$name $protocol $address"} //= do {
    my $raw = make($name, family_of($address), SOCK_RAW, $protocol);
    setsockopt($raw, IPPROTO_IPV6, IPV6_FREEBIND, 1) if $is_forged;
    bind($raw, end_of($address, 0)) or die "bind to $address in $name: $!\n";
    # It only sends: what it hears is heard by the sniffer, too.
    $raw;
  };
}

sub serve {
  my ($name, @addresses) = @_;
  my @ipv6 = grep { family_of($_) == AF_INET6 } @addresses;
  sniff($name, $_) for (IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, OTHER_PROTOCOL);
  for my $address (@ipv6) {
    sniff_at($name, $_, $address) for (IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6, OTHER_PROTOCOL);
  }
  for my $port (@served) {
    listen_at($name, '0.0.0.0', $port);
    listen_at($name, '::', $port) if @ipv6;
    answer_datagrams($name, $_, $port) for @addresses;
  }
}

# Takes TCP connections, and sends back what comes on them.
sub listen_at {
  my ($name, $address, $port) = @_;
  my $listener = make($name, family_of($address), SOCK_STREAM, 0);
  setsockopt($listener, IPPROTO_IPV6, IPV6_V6ONLY, 1) if family_of($address) == AF_INET6;
  bind($listener, end_of($address, $port)) or die "TCP port $port of $address in $name: $!\n";
  listen($listener, 512) or die "listen: $!\n";
  on_readable($listener, sub {
    while (accept(my $accepted, $listener)) {
      fcntl($accepted, F_SETFL, fcntl($accepted, F_GETFL, 0) | O_NONBLOCK);
      on_readable($accepted, sub {
        my $count = sysread($accepted, my $bytes, 64);
        if ($count) { syswrite($accepted, $bytes) }
        else { delete $readers{fileno($accepted)} }
      });
    }
  });
}

sub answer_datagrams {
  my ($name, $address, $port) = @_;
  my $datagrams = make($name, family_of($address), SOCK_DGRAM, 0);
  bind($datagrams, end_of($address, $port)) or die "UDP port $port of $address in $name: $!\n";
  on_readable($datagrams, sub {
    while (defined(my $from = recv($datagrams, my $bytes, 64, 0))) {
      send($datagrams, $answer . substr($bytes, 1), 0, $from) if length $bytes == 5;
    }
  });
}

# Reads whatever comes until the time is over.
sub attend {
  my ($milliseconds) = @_;
  my $end = time + $milliseconds / 1000;
  while (1) {
    my $bits = '';
    vec($bits, $_, 1) = 1 for keys %readers;
    my $left = $end - time;
    my $count = select(my $ready = $bits, undef, undef, $left > 0 ? $left : 0);
    if ($count < 1) {
      last if $left <= 0;
      next;
    }
    for my $number (keys %readers) {
      $readers{$number}[1]->() if $readers{$number} && vec($ready, $number, 1);
    }
  }
}

sub netlink {
  my ($name, $family) = @_;
  enter($name);
  socket(my $netlink, AF_NETLINK, SOCK_RAW, $family) or die "netlink in $name: $!\n";
  return $netlink;
}

sub netlink_message {
  my ($type, $flags, $content) = @_;
  return pack('LSSLL', 16 + length $content, $type, $flags, 1, 0) . $content;
}

# Sends a request that is acknowledged; dies unless it succeeds or fails by the error that is allowed.
sub request {
  my ($netlink, $what, $type, $content, $allowed) = @_;
  send($netlink, netlink_message($type, ACKNOWLEDGED, $content), 0) or die "$what: $!\n";
  recv($netlink, my $reply, 4096, 0);
  my ($error) = unpack('x16 l', $reply);
  die "$what: error $error\n" if $error && $error != -($allowed // 0);
}

sub flush_connections {
  my ($name) = @_;
  # IPCTNL_MSG_CT_DELETE of everything, of both families.
  request(netlink($name, NETLINK_NETFILTER), "flush in $name", 1 << 8 | 2, pack('CCn', 0, 0, 0));
}

# While the kernel asks for an address, three times and a second apart, packets for it wait in a queue: once somebody has it, those
# of the world before would go first, and the same ports' next would be taken for a part of their connection. What has been
# answered stays, as in a Cloudcroft that goes on. Of IPv6 nobody asks: all neighbours are told.
sub flush_questions {
  my ($name) = @_;
  my $netlink = netlink($name, NETLINK_ROUTE);
  send($netlink, netlink_message(RTM_GETNEIGH, DUMP, pack('Cx3 l SCC', AF_INET, 0, 0, 0, 0)), 0)
    or die "neighbours of $name: $!\n";
  my @questions;
  my $is_done;
  while (!$is_done) {
    defined(recv($netlink, my $messages, 65536, 0)) or die "neighbours of $name: $!\n";
    while (length $messages >= 16) {
      my ($length, $type) = unpack('LS', $messages);
      my $content = substr(substr($messages, 0, $length), 16);
      $messages = substr($messages, ($length + 3) & ~3);
      die "neighbours of $name: error\n" if $type == NLMSG_ERROR;
      $is_done = 1 if $type == NLMSG_DONE;
      next if $type == NLMSG_DONE;
      my (undef, $device, $state) = unpack('Cx3 l S', $content);
      push @questions, [$device, address_of(substr($content, 12))] if $state == NUD_INCOMPLETE;
    }
  }
  for (@questions) {
    my ($device, $address) = @$_;
    my $neighbour = pack('Cx3 l SCC', AF_INET, $device, 0, 0, 0) . pack('SS', 8, NDA_DST) . $address;
    # It may have given up in between.
    request($netlink, 'question of ' . inet_ntoa($address) . " in $name", RTM_DELNEIGH, $neighbour, ENOENT);
  }
}

# The address among a neighbour's attributes.
sub address_of {
  my ($attributes) = @_;
  while (length $attributes >= 4) {
    my ($length, $type) = unpack('SS', $attributes);
    return substr($attributes, 4, 4) if $type == NDA_DST;
    $attributes = substr($attributes, ($length + 3) & ~3);
  }
  die "a neighbour without an address\n";
}

sub close_all {
  %connections = ();
  %readers = ();
  %senders = ();
  %namespaces = ();
  %probes = ();
  %forged = ();
}

$| = 1;
while (my $line = <STDIN>) {
  my ($verb, @words) = split ' ', $line;
  if ($verb eq 'receiver') { serve(@words) }
  elsif ($verb eq 'probe' || $verb eq 'forge') {
    $probes{$words[0]} = [@words];
    $forged{$words[0]} = $verb eq 'forge';
  }
  elsif ($verb eq 'flush') {
    # Before connections: senders of packets that wait for an answer are told so, and that is tracked, too.
    flush_questions(@words);
    flush_connections(@words);
  }
  elsif ($verb eq 'go') {
    for my $probe (map { $probes{$_} } sort { $a <=> $b } keys %probes) {
      my ($id, $protocol, $name, @tuple) = @$probe;
      my $content = content($id, $protocol, @tuple);
      send(sender($name, $protocol, $tuple[0], $forged{$id}), $content, 0, end_of($tuple[2], 0))
        or print "refused $id $!\n";
    }
    attend(@words);
    %probes = ();
    %forged = ();
    print "done\n";
  }
  elsif ($verb eq 'open') {
    my ($id, $name, $from, $from_port, $to, $to_port) = @words;
    my $socket = make($name, family_of($from), SOCK_STREAM, 0);
    bind($socket, end_of($from, $from_port)) or die "bind to $from port $from_port in $name: $!\n";
    connect($socket, end_of($to, $to_port));
    $connections{$id} = $socket;
  }
  elsif ($verb eq 'opened') {
    attend(@words);
    for my $id (keys %connections) {
      if (getpeername($connections{$id})) { print "open $id\n" }
      else { delete $connections{$id} }
    }
    print "done\n";
  }
  elsif ($verb eq 'again') {
    for my $id (keys %connections) {
      my $socket = $connections{$id};
      on_readable($socket, sub {
        my $count = sysread($socket, my $bytes, 64);
        print "answered $id\n" if $count;
        delete $readers{fileno($socket)} if !$count;
      });
      syswrite($socket, 'x');
    }
    attend(@words);
    print "done\n";
  }
  elsif ($verb eq 'close') { close_all(); print "done\n" }
  else { die "no verb $verb\n" }
}
