#!/bin/sh
# Puts an image that a user brought into ./root, as root of a user namespace; the source is open as file descriptor 3.
#   import.sh layer FLAG    unpacks a layer; ./whiteouts names what it hides of those below; FLAG is tar's for its compression
#   import.sh finish ASSETS gives it what an instance needs, and says what it lacks
set -eu
case $1 in
  layer)
    mkdir -p root
    while IFS= read -r marker; do
      folder=root/$(dirname "$marker") name=$(basename "$marker")
      case $name in
        .wh..wh..opq) find "$folder" -mindepth 1 -delete 2>/dev/null || true ;;
        .wh.*) rm -rf "${folder:?}/${name#.wh.}" ;;
      esac
    done < whiteouts
    # Devices cannot be made here, and each instance gets its own.
    # shellcheck disable=SC2086 # one flag or none
    tar -x $2 -f - -C root --numeric-owner --keep-directory-symlink --exclude='.wh.*' --exclude='dev/*' --exclude='./dev/*' <&3
    ;;
  finish)
    cd -P root
    [ -e bin/sh ] || [ -L bin/sh ] || { echo 'it has no /bin/sh' >&2; exit 1; }
    mkdir -p dev proc sys run tmp etc/ssh etc/sudoers.d home/ec2-user/.ssh var/lib/cloud var/log usr/lib/cloudcroft usr/sbin
    chmod 1777 tmp
    for name in init power user-data; do cp "$2/$name" usr/lib/cloudcroft/ && chmod 755 "usr/lib/cloudcroft/$name"; done
    for name in poweroff halt shutdown reboot; do ln -sf ../lib/cloudcroft/power "usr/sbin/$name"; done
    touch etc/passwd etc/group etc/shadow
    shell=/bin/sh
    [ ! -e bin/bash ] || shell=/bin/bash
    if ! grep -q '^ec2-user:' etc/passwd; then
      sed -i '/^[^:]*:[^:]*:1000:/d' etc/passwd
      echo "ec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:$shell" >> etc/passwd
      echo 'ec2-user:*:19700:0:99999:7:::' >> etc/shadow
      grep -q '^[^:]*:[^:]*:1000:' etc/group || echo 'ec2-user:x:1000:' >> etc/group
    fi
    echo 'ec2-user ALL=(ALL) NOPASSWD:ALL' > etc/sudoers.d/90-cloud-init-users && chmod 440 etc/sudoers.d/90-cloud-init-users
    chmod 700 home/ec2-user/.ssh && chown -R 1000:1000 home/ec2-user
    for name in resolv.conf hosts hostname; do rm -f "etc/$name" && : > "etc/$name"; done
    for need in usr/sbin/sshd usr/bin/curl usr/bin/python3 usr/bin/sudo; do [ -e "$need" ] || echo "lacks /$need"; done
    ;;
esac
