/**
 * What Linux tells about processes in /proc: CPU time, memory, and who listens where.
 *
 * Owns the forms of these files. Does not read them: texts in, values out.
 */

/** Clock ticks a second in /proc/PID/stat; the same on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** State of a socket that listens, in /proc/net/tcp. */
const LISTENING = "0A";

export interface ProcessMemory {
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

/** CPU seconds of all threads since the process began, from /proc/PID/stat; undefined: no such text. */
export function cpuSecondsOf(stat: string): number | undefined {
  const fields = fieldsOf(stat);
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : undefined;
}

/** Bytes of a page of memory where it can only be that; the text does not say. */
function pageBytes(virtualBytes: number, arch: string): number | undefined {
  // On arm64 a page may have 4, 16 or 64 KiB.
  return arch === "x86_64" || virtualBytes % 16_384 !== 0 ? 4096 : undefined;
}

/** Resident memory from /proc/PID/stat; undefined where the size of its pages cannot be told. */
export function residentBytesOf(stat: string, arch: string): number | undefined {
  const fields = fieldsOf(stat);
  const page = pageBytes(Number(fields[20]), arch);
  const pages = Number(fields[21]);
  return page === undefined || !Number.isFinite(pages) ? undefined : pages * page;
}

/** The number of the process; undefined: the text is not a /proc/PID/stat. */
export function processIdOf(stat: string): number | undefined {
  const found = /^(\d+) \(.*\) [A-Za-z] -?\d/s.exec(stat);
  return found === null ? undefined : Number(found[1]);
}

/** What follows the name, which stands in brackets and may contain anything, brackets too. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** The name of the program, from /proc/PID/stat. */
export function programNameOf(stat: string): string {
  return stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
}

/** From /proc/PID/status; undefined where it has no memory, as a process that has ended. */
export function memoryOf(status: string): ProcessMemory | undefined {
  const rssBytes = sizeOf(status, "VmRSS");
  const peakRssBytes = sizeOf(status, "VmHWM");
  if (rssBytes === undefined || peakRssBytes === undefined) return undefined;
  return { rssBytes, peakRssBytes };
}

function sizeOf(status: string, name: string): number | undefined {
  const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The inodes of the sockets that listen at the port, from /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  const portText = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").slice(1).flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const isIt = state === LISTENING && local?.endsWith(`:${portText}`);
    return isIt && inode !== undefined ? [inode] : [];
  });
}

/** The inodes of the Unix sockets at the path, from /proc/net/unix. */
export function unixInodes(table: string, path: string): string[] {
  return table.split("\n").slice(1).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const inode = fields[6];
    return fields.slice(7).join(" ") === path && inode !== undefined ? [inode] : [];
  });
}
