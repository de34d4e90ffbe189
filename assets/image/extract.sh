#!/bin/sh
# Lays out the packages of the current folder as a root file system in ./root, without installing any: no maintainer
# script runs, so what those would have done and an instance needs is done here by hand. Runs as root of a user namespace.
# Argument: the folder with init and its helpers.
set -eu
assets=$1
# -P: by the path as given; the logical way would go through homes that this root may not enter.
rm -rf root && mkdir root && cd -P root
mkdir -p usr/bin usr/sbin usr/lib usr/lib64 etc dev proc sys run tmp var/tmp root home
for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
chmod 1777 tmp var/tmp && chmod 700 root
count=0
for package in ../debs/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink
  count=$((count + 1))
  echo "extracted $count"
done

cat > etc/passwd <<'END'
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
tcpdump:x:100:101::/nonexistent:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
ec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash
END
cat > etc/group <<'END'
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:ec2-user
tty:x:5:
disk:x:6:
mail:x:8:
sudo:x:27:ec2-user
www-data:x:33:
shadow:x:42:
utmp:x:43:
staff:x:50:
users:x:100:
tcpdump:x:101:
systemd-journal:x:102:
ec2-user:x:1000:
nogroup:x:65534:
END
# `*` and not `!`: sshd takes `!` for a locked account and refuses keys too.
sed 's/^\([^:]*\):.*/\1:*:19700:0:99999:7:::/' etc/passwd > etc/shadow
sed 's/^\([^:]*\):.*/\1:*::/' etc/group > etc/gshadow
chown 0:42 etc/shadow etc/gshadow && chmod 640 etc/shadow etc/gshadow
printf '/bin/sh\n/bin/bash\n/usr/bin/bash\n' > etc/shells
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n' > etc/nsswitch.conf
echo 'ec2-user ALL=(ALL) NOPASSWD:ALL' > etc/sudoers.d/90-cloud-init-users && chmod 440 etc/sudoers.d/90-cloud-init-users
cp usr/share/base-files/profile etc/profile 2>/dev/null || true
cp usr/share/base-files/dot.bashrc root/.bashrc 2>/dev/null || true
[ -e etc/debian_version ] || echo stable > etc/debian_version
echo UTC > etc/timezone && ln -sf /usr/share/zoneinfo/Etc/UTC etc/localtime
mkdir -p etc/pam.d etc/ssh home/ec2-user var/log var/lib/cloud var/mail usr/lib/cloudcroft
for stack in auth account password session session-noninteractive; do
  case $stack in session*) kind=session ;; *) kind=$stack ;; esac
  echo "$kind required pam_permit.so" > "etc/pam.d/common-$stack"
done
echo 'auth required pam_unix.so' > etc/pam.d/common-auth
: > var/log/lastlog && : > var/log/wtmp && : > var/log/btmp && chmod 664 var/log/lastlog var/log/wtmp && chmod 600 var/log/btmp
cp -r etc/skel/. home/ec2-user/ 2>/dev/null || true
mkdir -p home/ec2-user/.ssh && chmod 700 home/ec2-user home/ec2-user/.ssh && chown -R 1000:1000 home/ec2-user
cat > etc/ssh/sshd_config <<'END'
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PrintMotd yes
X11Forwarding no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
END
printf '\n   A Cloudcroft instance: Debian userland standing in for the image you chose.\n   The network it is in is described by: aws ec2 describe-vpcs, croft explain.\n\n' > etc/motd
# The CA bundle, as update-ca-certificates would make it.
mkdir -p etc/ssl/certs && cat usr/share/ca-certificates/mozilla/*.crt > etc/ssl/certs/ca-certificates.crt 2>/dev/null || : > etc/ssl/certs/ca-certificates.crt
# One bundle for all: at the first boot the world's own authority is added to it.
find usr/lib/python3 -name cacert.pem -exec ln -sf /etc/ssl/certs/ca-certificates.crt {} \;
# The aws command starts in half the time; without it everything works as well.
chroot . /usr/bin/python3 -m compileall -q /usr/lib/python3/dist-packages || true
rm -f usr/lib/python3*/EXTERNALLY-MANAGED
[ -e usr/bin/vi ] || ln -s vim.tiny usr/bin/vi
[ -e usr/bin/nc ] || ln -s nc.openbsd usr/bin/nc
[ -e usr/bin/awk ] || ln -s mawk usr/bin/awk
[ -e usr/bin/which ] || ln -s which.debianutils usr/bin/which
[ -e usr/bin/pager ] || ln -s less usr/bin/pager
for name in init power user-data; do cp "$assets/$name" usr/lib/cloudcroft/ && chmod 755 "usr/lib/cloudcroft/$name"; done
for name in poweroff halt shutdown reboot; do ln -sf ../lib/cloudcroft/power "usr/sbin/$name"; done
: > etc/resolv.conf && : > etc/hosts && : > etc/hostname
