/**
 * Reading a known number of bytes from a connection. Owns nothing.
 */

/** Throws when the connection ends before. */
export async function readExactly(conn: Deno.Conn, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count;) {
    const read = await conn.read(bytes.subarray(filled));
    if (read === null) throw new Error(`The connection ended ${count - filled} bytes too soon`);
    filled += read;
  }
  return bytes;
}
