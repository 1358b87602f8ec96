/**
 * @file The layers between model-written code and the machine: which there are here, and the command that puts a
 * program behind them.
 *
 * On Linux that is bubblewrap, or else the same namespaces made with `unshare` (util-linux), which has no filter of system
 * calls.
 *
 * Not protected from: faults of the kernel, of bubblewrap, of V8 or of the processor (side channels); use of processor
 * time up to the limits; reading what the sandbox shows read-only (the system's libraries and programs under /usr and
 * the interpreter itself). On macOS `sandbox-exec` leaves system files readable and has no memory limit; on Windows no
 * layer of the operating system is used at all. Without one, what remains is the interpreter's own isolation
 * (sandbox/interpreter.mjs) and Node's permission model, which Node does not call a protection from hostile code; the
 * default then is to refuse.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { processFilter } from './processFilter.ts';

export type OsSandbox = 'bubblewrap' | 'unshare' | 'sandbox-exec' | 'none';

export interface Layers {
  readonly osSandbox: OsSandbox;
  /** Processes cannot be made, sockets cannot be opened (seccomp). */
  readonly processFilter: boolean;
  /** Limits of the kernel on memory, files and core dumps (prlimit). */
  readonly resourceLimits: boolean;
  /** Flags of Node's permission model, or none where this Node has none. */
  readonly permissionFlags: readonly string[];
  /** Sentences for the report: what is in force and what is not. */
  readonly description: readonly string[];
  /** Sentences for the report: what they do not protect from. */
  readonly limits: readonly string[];
}

/** A program to be started behind the layers. */
export interface Confinement {
  readonly program: string;
  readonly args: readonly string[];
  /** Files and folders that the program reads, beside the system's. They keep their paths. */
  readonly readable: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Memory that the kernel grants: private data of the process, bytes. */
  readonly dataBytes: number;
  /** Empty folder that belongs to this process, outside; inside a sandbox it is an empty /tmp. */
  readonly folder: string;
}

export interface ConfinedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Descriptor 3 of the child, to be closed by the caller after the start. */
  readonly filterDescriptor?: number;
}

const SCRATCH_BYTES = 64 * 2 ** 20;

/**
 * Finds out which layers this machine has, by using them.
 *
 * @param linuxSandboxes what to try on Linux, in order. @default bubblewrap, then unshare
 */
export function probeLayers(linuxSandboxes: readonly ('bubblewrap' | 'unshare')[] = ['bubblewrap', 'unshare']): Layers {
  const permissionFlags = probePermissionFlags();
  const resourceLimits = process.platform === 'linux' && runs('prlimit', ['--core=0', '--', 'true']);
  const filter = process.platform === 'linux' ? processFilter(process.arch) : undefined;
  const osSandbox = probeOsSandbox(linuxSandboxes);
  const hasFilter = osSandbox === 'bubblewrap' && filter !== undefined;
  return {
    osSandbox,
    processFilter: hasFilter,
    resourceLimits,
    permissionFlags,
    description: describe(osSandbox, hasFilter, resourceLimits, permissionFlags.length > 0),
    limits: describeLimits(osSandbox),
  };
}

/** Command that starts a program behind all layers there are. */
export function confine(layers: Layers, confinement: Confinement): ConfinedCommand {
  const inner = [confinement.program, ...confinement.args];
  let command = inner;
  let filterDescriptor: number | undefined;
  if (layers.osSandbox === 'bubblewrap') {
    const filterArgs = layers.processFilter ? ['--seccomp', '3'] : [];
    if (layers.processFilter) {
      const file = path.join(confinement.folder, 'filter');
      fs.writeFileSync(file, processFilter(process.arch)!);
      filterDescriptor = fs.openSync(file, 'r');
    }
    command = ['bwrap', ...bubblewrapArgs(confinement), ...filterArgs, '--', ...inner];
  } else if (layers.osSandbox === 'unshare') {
    command = ['unshare', ...unshareArgs(confinement), ...inner];
  } else if (layers.osSandbox === 'sandbox-exec') {
    command = ['/usr/bin/sandbox-exec', '-p', seatbeltProfile(confinement), ...inner];
  }
  if (layers.resourceLimits) {
    const limits = [`--data=${confinement.dataBytes}`, `--fsize=${SCRATCH_BYTES}`, '--core=0', '--nofile=256'];
    command = ['prlimit', ...limits, '--', ...command];
  }
  return { command: command[0], args: command.slice(1), cwd: confinement.folder, filterDescriptor };
}

/** An empty root with the system's programs read-only, own namespaces for everything, no capabilities, no environment. */
function bubblewrapArgs({ readable, env, program }: Confinement): string[] {
  const args = ['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'];
  args.push('--uid', '65534', '--gid', '65534', '--hostname', 'sandbox');
  args.push('--ro-bind', '/usr', '/usr');
  for (const folder of ['/bin', '/lib', '/lib32', '/lib64', '/sbin']) {
    const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) args.push('--symlink', fs.readlinkSync(folder), folder);
    else if (stat) args.push('--ro-bind', folder, folder);
  }
  args.push('--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache', '--dev', '/dev');
  args.push('--size', String(SCRATCH_BYTES), '--tmpfs', '/tmp');
  for (const file of [program, ...readable]) if (!isUnder(file, '/usr')) args.push('--ro-bind', file, file);
  // Memory without a limit else: only the scratch folder has one, and is for writing.
  args.push('--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/tmp');
  for (const [name, value] of Object.entries(env)) args.push('--setenv', name, value);
  return args;
}

/**
 * What bubblewrap does, by the shell: inside new namespaces it builds a root of its own, leaves the old one, and gives up
 * every capability before the program starts. Any step that fails ends it. Arguments: the folder for the root, bytes of
 * scratch space, files to show, `--`, the command.
 *
 * `umount` reads the table of mounts, so the old root goes while there is still a /proc.
 */
const NEW_ROOT = `
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 size=$2; shift 2
mount -t tmpfs -o "size=$size,mode=0755,nosuid,nodev" sandbox "$root"
cd "$root"
show() {
  if [ -e ".$1" ]; then return; fi
  if [ -d "$1" ]; then mkdir -p ".$1"; else mkdir -p ".\${1%/*}"; : > ".$1"; fi
  mount --bind "$1" ".$1"
  mount -o remount,bind,ro,nosuid,nodev ".$1"
}
for folder in /usr /bin /lib /lib32 /lib64 /sbin; do
  if [ -L "$folder" ]; then ln -s "$(readlink "$folder")" ".$folder"; elif [ -d "$folder" ]; then show "$folder"; fi
done
[ ! -e /etc/ld.so.cache ] || show /etc/ld.so.cache
mkdir -p dev tmp
for device in null zero full random urandom; do : > "dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
mount -t tmpfs -o "size=$size,mode=0777,nosuid,nodev" scratch tmp
while [ "$1" != -- ]; do show "$1"; shift; done
shift
hostname sandbox
echo 0 > /proc/sys/user/max_user_namespaces
mkdir old proc
mount --rbind /proc proc
pivot_root . old
cd /
umount -l /old
umount -l /proc
rmdir /old /proc
mount -o remount,ro,nosuid,nodev /
cd /tmp
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"
`;

function unshareArgs({ readable, env, program, folder }: Confinement): string[] {
  const spaces = ['--user', '--map-root-user', '--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup'];
  const shown = [program, ...readable].filter((file) => !isUnder(file, '/usr'));
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [
    ...[...spaces, '--fork', '--kill-child', '--', '/bin/sh', '-euc', NEW_ROOT, 'sh'],
    ...[folder, String(SCRATCH_BYTES), ...shown.map((file) => path.resolve(file)), '--'],
    ...['/usr/bin/env', '-i', ...variables],
  ];
}

/** macOS: no network, no writing, nothing of the users' folders but what the program reads. Not verified on every release. */
function seatbeltProfile({ readable, program }: Confinement): string {
  const quoted = (file: string) => JSON.stringify(fs.realpathSync(file));
  const granted = [program, ...readable].map((file) => `(subpath ${quoted(file)})`).join(' ');
  return `(version 1)(allow default)(deny network*)(deny file-write*)(deny process-fork)(deny signal (target others))
(deny file-read* (subpath "/Users") (subpath "/private/tmp") (subpath "/private/var/folders") (subpath "/Volumes"))
(allow file-read* ${granted})(allow file-write-data (literal "/dev/null"))`;
}

function probeOsSandbox(linuxSandboxes: readonly ('bubblewrap' | 'unshare')[]): OsSandbox {
  if (process.platform === 'linux') {
    const program = '/usr/bin/true';
    const confinement = { program, args: [], readable: [], env: {}, dataBytes: 0, folder: os.tmpdir() };
    const works = {
      bubblewrap: () => runs('bwrap', [...bubblewrapArgs(confinement), '--', program]),
      unshare: () => runs('unshare', [...unshareArgs(confinement), program]),
    };
    return linuxSandboxes.find((name) => works[name]()) ?? 'none';
  }
  if (process.platform === 'darwin') {
    return runs('/usr/bin/sandbox-exec', ['-p', '(version 1)(allow default)', '/usr/bin/true'])
      ? 'sandbox-exec'
      : 'none';
  }
  return 'none';
}

function probePermissionFlags(): readonly string[] {
  for (const flag of ['--permission', '--experimental-permission']) {
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' };
    const probe = `process.exit(process.permission?.has('fs.write', '/') === false ? 0 : 1)`;
    const result = spawnSync(process.execPath, [flag, '-e', probe], { env, stdio: 'ignore', timeout: 20_000 });
    if (result.status === 0) return [flag, '--allow-worker'];
  }
  return [];
}

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

function describe(osSandbox: OsSandbox, filter: boolean, limits: boolean, permission: boolean): string[] {
  const lines = [
    {
      bubblewrap:
        'bubblewrap: own user, process, network, mount and IPC namespaces; empty root, system read-only, no capabilities',
      unshare:
        'unshare: own user, process, network, mount and IPC namespaces; empty root, system read-only, no capabilities; no filter of system calls',
      'sandbox-exec': 'sandbox-exec: no network, no writing, no reading of user folders, no new processes',
      none: 'NO sandbox of the operating system: a break-out of the interpreter would reach your files and network',
    }[osSandbox],
    'own process with an empty environment and a throw-away folder; killed with all its children at its limits',
  ];
  if (filter) lines.push('seccomp: no new processes, no sockets, no tracing');
  if (limits) lines.push('prlimit: memory, file size, open files, no core dumps');
  else lines.push('no memory limit of the kernel: only the interpreter limits its memory');
  if (permission)
    lines.push("Node's permission model: no child processes, no writing, reads only the interpreter's files");
  else lines.push("Node's permission model is not available in this Node");
  return lines;
}

function describeLimits(osSandbox: OsSandbox): string[] {
  const common = [
    "faults of the kernel, of V8's WebAssembly and of the processor (side channels)",
    'use of processor time up to the limits',
  ];
  return {
    bubblewrap: [
      'faults of bubblewrap',
      "reading what the sandbox shows read-only: the system's programs and libraries, and the interpreter itself",
    ],
    unshare: [
      'system calls that need no rights: there is no filter of them as with bubblewrap, and so no limit on processes',
      "reading what the sandbox shows read-only: the system's programs and libraries, and the interpreter itself",
    ],
    'sandbox-exec': [
      'reading of system files, which sandbox-exec leaves readable',
      'use of memory beyond what the interpreter limits: there is no limit of the kernel',
      'anything that this profile overlooks: it was written from documentation and has not been tried on macOS',
    ],
    none: [
      'whatever a program does that breaks out of the interpreter: no layer of the operating system stands behind it',
      ...(process.platform === 'win32' ? ['everything particular to Windows: this has not been tried there'] : []),
    ],
  }[osSandbox].concat(common);
}

function isUnder(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}
