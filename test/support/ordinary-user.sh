#!/bin/sh
# For root: runs a command as an ordinary user with subordinate ids, whom only this mount namespace knows, so that nothing
# of the machine's own users changes. To be run in a mount namespace of its own (unshare --mount).
# Arguments: an empty folder for the user's home, then the command.
set -eu
folder=$1
shift
id=4242
chmod 755 "$folder"
{ cat /etc/passwd; echo "crofter:x:$id:$id::$folder/home:/bin/sh"; } > "$folder/passwd"
{ cat /etc/group; echo "crofter:x:$id:"; } > "$folder/group"
# Above the ids that distributions give out, which begin at 100,000.
echo 'crofter:1700000000:65536' | tee "$folder/subuid" > "$folder/subgid"
mkdir -p "$folder/home" && chown "$id:$id" "$folder/home"
for name in passwd group subuid subgid; do
  mount --bind "$folder/$name" "/etc/$name"
done
cd "$folder/home"
exec setpriv --reuid="$id" --regid="$id" --clear-groups --reset-env \
  env PATH="$PATH" HOME="$folder/home" TMPDIR="$folder/home" "$@"
