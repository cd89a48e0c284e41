#!/bin/sh
# The command posenet-edge; with --ready it only looks whether it could start, for the units. It needs no Python package,
# so that it can tell that they are gone: what was installed for one Python, the system's next one does not find.
home=/opt/posenet-edge/current
python=$home/venv/bin/python
its=$(basename "$(readlink -m "$python")")
if ! [ -e "$home/venv/lib/$its/site-packages/edge" ] && ! "$python" -P -c 'import edge' 2>/dev/null; then
  found="$its without the packages"
  [ -x "$python" ] || found="no $(readlink -m "$python")"
  again="sudo $home/source/scripts/install --upgrade"
  # The Debian package brings its Python packages, which are those of one Debian.
  [ ! -e /usr/lib/posenet-edge ] || again="sudo apt install ./posenet-edge_... .deb, with the file for this Debian"
  expected=$(cd "$home/venv/lib" && echo python3*)
  echo "posenet-edge: found $found; expected $expected, as when it was installed; to install it again: $again" >&2
  # Whoever knocks at the socket of report makes systemd ask again at once, and again.
  [ "$*" != --ready ] || sleep 50
  exit 69
fi
[ "$*" = --ready ] || exec "$python" -P -m edge "$@"
