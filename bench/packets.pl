# Measures packets in the network namespaces of one world. One process, one thread: each socket is made in the namespace
# that it belongs to, so that both ends and the kernel's path between them share one CPU, and what is measured is what
# that path costs. Started inside the world; reads a command a line, answers with a line (numbers between spaces).
#
#   stream SERVER CLIENT ADDRESS MILLISECONDS     megabytes a second of one TCP connection
#   request SERVER CLIENT ADDRESS MILLISECONDS    one-byte questions and answers a second, on one TCP connection
#   connect SERVER CLIENT ADDRESS MILLISECONDS    connections made, used for one byte and closed, a second
#   banner CLIENT SECONDS ADDRESS...              time of day, in seconds, at which each has sent "SSH-"
#   verdict SERVER CLIENT ADDRESS pass|drop SECONDS   time of day at which the first datagram passed, or was lost
#   copy SERVER CLIENT ADDRESS MEGABYTES in|out   megabytes a second of a file's bytes, sent and written to a file
#   http CLIENT ADDRESS HOST PATH HEADER SECONDS  GETs answered 200 a second on one connection, and their 99th percentile in ms
#   answer CLIENT ADDRESS HOST PATH SECONDS       time of day, in seconds, at which a GET is first answered 200
#   dns CLIENT ADDRESS NAME PER-SECOND SECONDS    answers a second when asked so often, and their 99th percentile in ms
#
# SERVER and CLIENT name network namespaces of /run/netns.
use strict;
use warnings;
use Fcntl;
use Socket qw(:DEFAULT IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time sleep);

use constant CLONE_NEWNET => 0x40000000;
use constant PORT         => 7000;
# setns by its number, which perl does not know.
my %setns_of = (x86_64 => 308, aarch64 => 268);
my $machine = `uname -m`;
chomp $machine;
my $setns = $setns_of{$machine} or die "setns has no known number on $machine\n";

sub enter {
  my ($name) = @_;
  open(my $namespace, '<', "/run/netns/$name") or die "namespace $name: $!\n";
  syscall($setns, fileno($namespace), CLONE_NEWNET) == 0 or die "setns $name: $!\n";
}

sub tcp_in {
  my ($namespace) = @_;
  enter($namespace);
  socket(my $made, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
  setsockopt($made, SOL_SOCKET, SO_REUSEADDR, 1);
  return $made;
}

sub listen_in {
  my ($namespace) = @_;
  my $listener = tcp_in($namespace);
  bind($listener, sockaddr_in(PORT, INADDR_ANY)) or die "bind: $!\n";
  listen($listener, 64) or die "listen: $!\n";
  return $listener;
}

sub set_blocking {
  my ($socket, $is_blocking) = @_;
  my $flags = fcntl($socket, F_GETFL, 0) & ~O_NONBLOCK;
  fcntl($socket, F_SETFL, $is_blocking ? $flags : $flags | O_NONBLOCK);
}

sub is_ready {
  my ($socket, $way, $seconds) = @_;
  my $bits = '';
  vec($bits, fileno($socket), 1) = 1;
  my ($to_read, $to_write) = $way eq 'read' ? ($bits, undef) : (undef, $bits);
  return select($to_read, $to_write, undef, $seconds) > 0;
}

# Two connected ends. The caller has entered the client's namespace.
sub connect_to {
  my ($listener, $address) = @_;
  socket(my $client, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
  set_blocking($client, 0);
  connect($client, sockaddr_in(PORT, inet_aton($address)));
  is_ready($listener, 'read', 3) or die "no connection to $address within 3 s\n";
  accept(my $server, $listener) or die "accept: $!\n";
  set_blocking($client, 1);
  setsockopt($_, IPPROTO_TCP, TCP_NODELAY, 1) for $client, $server;
  return ($client, $server);
}

sub stream {
  my ($server_place, $client_place, $address, $milliseconds) = @_;
  my $listener = listen_in($server_place);
  enter($client_place);
  my ($client, $server) = connect_to($listener, $address);
  set_blocking($_, 0) for $client, $server;
  my ($chunk, $received, $buffer) = ("x" x 65536, 0, '');
  my $start = time;
  my $end = $start + $milliseconds / 1000;
  while (time < $end) {
    my $sent = syswrite($client, $chunk);
    while (my $count = sysread($server, $buffer, 262144)) { $received += $count }
    is_ready($server, 'read', 0.05) if !$sent;
  }
  return $received / 1e6 / (time - $start);
}

sub request {
  my ($server_place, $client_place, $address, $milliseconds) = @_;
  my $listener = listen_in($server_place);
  enter($client_place);
  my ($client, $server) = connect_to($listener, $address);
  my ($count, $buffer) = (0, '');
  my $start = time;
  my $end = $start + $milliseconds / 1000;
  while (time < $end) { ask_once($client, $server); $count++ }
  return $count / (time - $start);
}

sub ask_once {
  my ($client, $server) = @_;
  my $buffer = '';
  syswrite($client, '?');
  sysread($server, $buffer, 1);
  syswrite($server, '!');
  sysread($client, $buffer, 1);
}

sub connections {
  my ($server_place, $client_place, $address, $milliseconds) = @_;
  my $listener = listen_in($server_place);
  enter($client_place);
  my $count = 0;
  my $start = time;
  my $end = $start + $milliseconds / 1000;
  while (time < $end) {
    my ($client, $server) = connect_to($listener, $address);
    # Closed by a reset: a hundred thousand connections waiting for their end would use up the ports.
    setsockopt($client, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    ask_once($client, $server);
    close $client;
    close $server;
    $count++;
  }
  return $count / (time - $start);
}

sub banner {
  my ($client_place, $seconds, @addresses) = @_;
  my ($deadline, %seen, %asked) = (time + $seconds);
  enter($client_place);
  while (time < $deadline && keys %seen < @addresses) {
    for my $address (grep { !$seen{$_} } @addresses) {
      my $try = $asked{$address};
      # A SYN that was lost would be repeated only after a second: a new connection is made instead.
      if (!$try || time > $try->{until}) {
        socket(my $made, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
        set_blocking($made, 0);
        connect($made, sockaddr_in(22, inet_aton($address)));
        $try = $asked{$address} = { socket => $made, until => time + 0.02 };
      }
      my ($buffer, $is_waiting) = ('', 0);
      my $count = sysread($try->{socket}, $buffer, 64);
      if ($count && $buffer =~ /^SSH-/) { $seen{$address} = time }
      elsif (getpeername($try->{socket})) { $try->{until} = time + 1 if !$try->{is_open}++ }
      elsif (!defined $count && $!{ECONNREFUSED}) { $try->{until} = 0 }
      $try->{until} = 0 if defined $count && $count == 0;
    }
    sleep 0.002;
  }
  return map { $seen{$_} // 'never' } @addresses;
}

# Each datagram from a port of its own: a flow that was let through once is let through still.
sub verdict {
  my ($server_place, $client_place, $address, $wanted, $seconds) = @_;
  enter($server_place);
  socket(my $server, PF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
  setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($server, sockaddr_in(PORT, INADDR_ANY)) or die "bind: $!\n";
  enter($client_place);
  my ($deadline, $buffer) = (time + $seconds, '');
  print "watching\n";
  while (time < $deadline) {
    socket(my $client, PF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
    my $sent = time;
    send($client, 'x', 0, sockaddr_in(PORT, inet_aton($address)));
    # Within one machine a datagram has come before send returns, or soon after.
    my $has_passed = is_ready($server, 'read', 0.003);
    recv($server, $buffer, 16, 0) if $has_passed;
    return sprintf('%.6f', $sent) if $has_passed == ($wanted eq 'pass');
    sleep 0.001;
  }
  return 'never';
}

# Both ends are processes of their own, as those of a real copy are.
sub copy {
  my ($server_place, $client_place, $address, $megabytes, $way) = @_;
  my $listener = listen_in($server_place);
  enter($client_place);
  my ($client, $server) = connect_to($listener, $address);
  my ($source, $target) = $way eq 'in' ? ($client, $server) : ($server, $client);
  my $path = "/tmp/croft-bench-copy-$$";
  my $chunk = "x" x 1048576;
  open(my $made, '>', "$path.source") or die "$path.source: $!\n";
  syswrite($made, $chunk) for 1 .. $megabytes;
  close $made;
  my $start = time;
  my $child = fork() // die "fork: $!\n";
  if (!$child) {
    close $target;
    open(my $file, '<', "$path.source") or exit 1;
    while (sysread($file, my $buffer, 262144)) { write_all($source, $buffer) }
    exit 0;
  }
  close $source;
  open(my $file, '>', $path) or die "$path: $!\n";
  my $received = 0;
  while (my $count = sysread($target, my $buffer, 262144)) { write_all($file, $buffer); $received += $count }
  close $file;
  my $took = time - $start;
  waitpid($child, 0);
  unlink $path, "$path.source";
  die "only $received bytes came\n" if $received != $megabytes * 1048576;
  return $received / 1e6 / $took;
}

sub write_all {
  my ($handle, $buffer) = @_;
  my $at = 0;
  $at += syswrite($handle, $buffer, length($buffer) - $at, $at) // die "write: $!\n" while $at < length $buffer;
}

sub http {
  my ($client_place, $address, $host, $path, $header, $seconds) = @_;
  enter($client_place);
  socket(my $client, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
  connect($client, sockaddr_in(80, inet_aton($address))) or die "connect to $address: $!\n";
  setsockopt($client, IPPROTO_TCP, TCP_NODELAY, 1);
  my $question = "GET $path HTTP/1.1\r\nHost: $host\r\n$header\r\n\r\n";
  my ($buffer, @times) = ('');
  my $start = time;
  while (time < $start + $seconds) {
    my $asked = time;
    syswrite($client, $question);
    sysread($client, $buffer, 65536, length $buffer) or die "the connection ended\n" until $buffer =~ /\r\n\r\n/;
    my ($head, $rest) = split /\r\n\r\n/, $buffer, 2;
    $head =~ m{^HTTP/1.1 200} or die "answered " . substr($head, 0, 60) . "\n";
    my ($length) = $head =~ /^content-length: (\d+)/im;
    sysread($client, $rest, 65536, length $rest) or die "the connection ended\n" while length $rest < $length;
    $buffer = '';
    push @times, time - $asked;
  }
  return (@times / (time - $start), percentile(@times));
}

# Each try on a connection of its own. One that is refused is tried again at once; so is one that ends, or is answered otherwise.
sub answer {
  my ($client_place, $address, $host, $path, $seconds) = @_;
  my $deadline = time + $seconds;
  enter($client_place);
  while (time < $deadline) {
    sleep 0.002;
    socket(my $client, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
    connect($client, sockaddr_in(80, inet_aton($address))) or next;
    syswrite($client, "GET $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n") or next;
    is_ready($client, 'read', 1) or next;
    sysread($client, my $buffer, 64) or next;
    return sprintf('%.6f', time) if $buffer =~ m{^HTTP/1.1 200};
  }
  return 'nan';
}

sub dns {
  my ($client_place, $address, $name, $per_second, $seconds) = @_;
  enter($client_place);
  socket(my $client, PF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
  connect($client, sockaddr_in(53, inet_aton($address))) or die "connect: $!\n";
  my $labels = join '', map { chr(length) . $_ } split /\./, $name;
  my ($buffer, $count, @times) = ('', 0);
  my $start = time;
  while (time < $start + $seconds) {
    sleep 0.0002 while time < $start + $count / $per_second;
    my $asked = time;
    send($client, pack('n6', ++$count % 65536, 0x100, 1, 0, 0, 0) . "$labels\0" . pack('n2', 1, 1), 0);
    next if !is_ready($client, 'read', 0.1);
    recv($client, $buffer, 1500, 0);
    push @times, time - $asked if unpack('n', substr($buffer, 6, 2)) > 0;
  }
  return (@times / (time - $start), percentile(@times));
}

# In milliseconds.
sub percentile {
  my @sorted = sort { $a <=> $b } @_;
  return 1000 * ($sorted[int(0.99 * @sorted)] // 'nan');
}

my %verbs = (copy => \&copy, http => \&http, answer => \&answer, dns => \&dns,
  stream => \&stream, request => \&request, connect => \&connections, banner => \&banner, verdict => \&verdict);
$| = 1;
$SIG{PIPE} = 'IGNORE';
while (my $line = <STDIN>) {
  my ($verb, @words) = split ' ', $line;
  my @answer = eval { $verbs{$verb}->(@words) };
  print $@ eq '' ? join(' ', @answer) . "\n" : "error $@";
}
