#!/bin/sh
# The laptop's view of the machine's files, in a mount namespace of its own: all as it is, but for the few files that say
# which network the machine is on. Then becomes the user's command, in the directory it was called from.
# Arguments: FOLDER with those files, USER_ID and GROUP_ID to go back to (- for none), then the command.
set -eu
folder=$1 user=$2 group=$3
shift 3

# Sockets of the machine's own resolvers would answer with the machine's names.
for hidden in /run/systemd/resolve /run/nscd; do
  if [ -d "$hidden" ]; then mount -t tmpfs -o mode=755 tmpfs "$hidden"; fi
done

# A bind mount needs something to cover. Where there is nothing (no such file, a link that leads nowhere) the folder gets
# an overlay with an empty file; that comes first, because it would hide what is bound below it.
make_place() {
  if [ -e "$2" ] || [ ! -d "${2%/*}" ]; then return; fi
  mount -t tmpfs tmpfs "$folder/scratch"
  : >"$folder/scratch/${2##*/}"
  (cd "$folder/scratch" && mount -t overlay -o "ro,lowerdir=.:${2%/*}" overlay "${2%/*}")
  umount -l "$folder/scratch"
}
cover() {
  if [ -e "$2" ]; then mount --bind "$folder/$1" "$(readlink -f "$2")"; fi
}
for act in make_place cover; do
  $act resolv.conf /etc/resolv.conf
  $act nsswitch.conf /etc/nsswitch.conf
  $act ssh_config /etc/ssh/ssh_config
  $act ca.pem /etc/ssl/certs/ca-certificates.crt
done

[ "$user" != - ] || exec "$@"
# Who owns the world may ping: the laptop's ping has no rights of its own. The group is the world's 0 and the user's own.
echo 0 0 >/proc/sys/net/ipv4/ping_group_range
exec unshare --user "--map-user=$user" "--map-group=$group" -- "$@"
