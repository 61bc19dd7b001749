/**
 * How many different pages SQLite's write-ahead log holds: that many are written to the database
 * by a checkpoint.
 *
 * Owns the little that has to be known of the log's format (sqlite.org/fileformat2.html, section
 * 4): 32 bytes of header, then frames of 24 bytes and a page; a frame begins with the number of its
 * page and holds the log's salt.
 */

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const SALT_OFFSET = 16;

/** 0 when there is no log, or it cannot be read. */
export function pagesInLog(path: string, pageBytes: number): number {
  try {
    using file = Deno.openSync(path);
    return countPages(file, pageBytes);
  } catch {
    return 0;
  }
}

function countPages(file: Deno.FsFile, pageBytes: number): number {
  const header = new Uint8Array(LOG_HEADER_BYTES);
  if (file.readSync(header) !== LOG_HEADER_BYTES) return 0;
  const frame = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(frame.buffer);
  const salt = new DataView(header.buffer).getUint32(SALT_OFFSET);
  const pages = new Set<number>();
  while (file.readSync(frame) === FRAME_HEADER_BYTES) {
    if (view.getUint32(8) !== salt) break;
    pages.add(view.getUint32(0));
    file.seekSync(pageBytes, Deno.SeekMode.Current);
  }
  return pages.size;
}
