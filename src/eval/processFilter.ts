/** @file A seccomp filter (classic BPF) for Linux: a process that can start threads but no processes and no sockets. */

interface Calls {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly architecture: number;
  /** Numbers of the refused system calls. */
  readonly refused: readonly number[];
  readonly clone: number;
}

const CLONE3 = 435;
const CLONE_THREAD = 0x10000;
const EPERM = 1;
const ENOSYS = 38;

/**
 * System call numbers of arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. Refused: fork,
 * vfork, ptrace, socket, mount, umount2, pivot_root, chroot, unshare, setns, init_module, finit_module, delete_module,
 * kexec_load, kexec_file_load, bpf, perf_event_open, userfaultfd, keyctl, add_key, request_key, io_uring_*,
 * process_vm_readv, process_vm_writev, open_by_handle_at.
 */
const CALLS: Readonly<Partial<Record<string, Calls>>> = {
  x64: {
    architecture: 0xc000003e,
    clone: 56,
    refused: [
      57, 58, 101, 41, 165, 166, 155, 161, 272, 308, 175, 313, 176, 246, 320, 321, 298, 323, 250, 248, 249, 425, 426,
      427, 310, 311, 304,
    ],
  },
  arm64: {
    architecture: 0xc00000b7,
    clone: 220,
    refused: [
      117, 198, 40, 39, 41, 51, 97, 268, 105, 273, 106, 104, 294, 280, 241, 282, 219, 217, 218, 425, 426, 427, 270, 271,
      265,
    ],
  },
};

/** The filter's bytes as bubblewrap's `--seccomp` takes them, or undefined for an architecture without a table. */
export function processFilter(arch: string): Buffer | undefined {
  const calls = CALLS[arch];
  if (!calls) return undefined;
  const program: [code: number, jumpTrue: number, jumpFalse: number, k: number][] = [];
  const [LOAD, JUMP_EQUAL, JUMP_SET, JUMP_AT_LEAST, RETURN] = [0x20, 0x15, 0x45, 0x35, 0x06];
  const [KILL, ERRNO, ALLOW] = [0x80000000, 0x00050000, 0x7fff0000];
  const [NUMBER, ARCHITECTURE, FIRST_ARGUMENT] = [0, 4, 16]; // offsets in struct seccomp_data
  program.push([LOAD, 0, 0, ARCHITECTURE], [JUMP_EQUAL, 1, 0, calls.architecture], [RETURN, 0, 0, KILL]);
  program.push([LOAD, 0, 0, NUMBER]);
  // The x32 numbers would go round the table.
  if (arch === 'x64') program.push([JUMP_AT_LEAST, 0, 1, 0x40000000], [RETURN, 0, 0, ERRNO | EPERM]);
  for (const call of calls.refused) program.push([JUMP_EQUAL, 0, 1, call], [RETURN, 0, 0, ERRNO | EPERM]);
  // Its flags lie in memory that a filter cannot read; the C library falls back to clone.
  program.push([JUMP_EQUAL, 0, 1, CLONE3], [RETURN, 0, 0, ERRNO | ENOSYS]);
  program.push([JUMP_EQUAL, 0, 3, calls.clone], [LOAD, 0, 0, FIRST_ARGUMENT], [JUMP_SET, 1, 0, CLONE_THREAD]);
  program.push([RETURN, 0, 0, ERRNO | EPERM], [RETURN, 0, 0, ALLOW]);
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(([code, jumpTrue, jumpFalse, k], index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jumpTrue, 8 * index + 2);
    bytes.writeUInt8(jumpFalse, 8 * index + 3);
    bytes.writeUInt32LE(k >>> 0, 8 * index + 4);
  });
  return bytes;
}
