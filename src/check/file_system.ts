/**
 * Kinds of file systems, and what is wrong with keeping a database on them.
 *
 * Owns the numbers that Linux gives them (statfs(2)). Those that are not here are fine.
 */

interface FileSystemKind {
  readonly name: string;
  /** Why data does not belong there; a sentence that goes on from its name. */
  readonly trouble: string;
}

const NETWORK =
  "is on another machine: locks and writes are only as safe as that one, and without " +
  "it the broker cannot acknowledge anything";

const KINDS: ReadonlyMap<number, FileSystemKind> = new Map([
  [0x01021994, {
    name: "tmpfs",
    trouble: "is in memory: everything is lost when the machine restarts",
  }],
  [0x858458f6, {
    name: "ramfs",
    trouble: "is in memory: everything is lost when the machine restarts",
  }],
  [0x794c7630, {
    name: "overlay",
    trouble:
      "is the layer of a container, or of a system that is kept read-only: it is lost with " +
      "the container, or at the next start. A volume is not",
  }],
  [0x61756673, { name: "aufs", trouble: "is the layer of a container, and is lost with it" }],
  [0x6969, { name: "NFS", trouble: NETWORK }],
  [0xff534d42, { name: "CIFS", trouble: NETWORK }],
  [0xfe534d42, { name: "SMB", trouble: NETWORK }],
  [0x517b, { name: "SMB", trouble: NETWORK }],
  [0x01021997, { name: "9p", trouble: NETWORK }],
  [0x00c36400, { name: "Ceph", trouble: NETWORK }],
  [0x4d44, {
    name: "FAT",
    trouble: "has no journal and no owners: a power cut may damage it, and everybody may read it",
  }],
  [0x2011bab0, {
    name: "exFAT",
    trouble: "has no journal and no owners: a power cut may damage it, and everybody may read it",
  }],
  [0x65735546, {
    name: "FUSE",
    trouble: "is served by a program: whether what is written is on the disk is up to that one",
  }],
]);

/** The number may come with a sign. Undefined when there is nothing to be said. */
export function troubleWith(type: number): FileSystemKind | undefined {
  return KINDS.get(type >>> 0);
}

/** Linux's number for SD cards and eMMC, which is the upper part of a device's number. */
const MMC_MAJOR = 179;

/** Whether a device, as in `st_dev`, is an SD card or eMMC. */
export function isMemoryCard(device: number): boolean {
  return Math.floor(device / 256) % 4096 === MMC_MAJOR;
}
