/**
 * Connects to a host by TCP, whichever of its addresses answers.
 *
 * Owns the order of the attempts. From some version on Deno tries all addresses of a name by itself;
 * before that it tries the first one only, and "localhost" may be ::1 first where the broker listens
 * at 127.0.0.1.
 */

/** Rejects with the platform's error of the first attempt. */
export async function connectTcp(
  host: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Deno.TcpConn> {
  try {
    return await connectOnce(host, port, signal);
  } catch (error) {
    if (signal?.aborted || isAddress(host) || isNotFound(error)) throw error;
    return await connectToAny(host, port, signal) ?? Promise.reject(error);
  }
}

function connectOnce(
  hostname: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname, port, ...(signal === undefined ? {} : { signal }) });
}

/** Undefined: none of them answers, or there is only one. */
async function connectToAny(
  host: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Deno.TcpConn | undefined> {
  for (const address of await addressesOf(host)) {
    try {
      return await connectOnce(address, port, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
    }
  }
  return undefined;
}

async function addressesOf(host: string): Promise<string[]> {
  if (host === "localhost") return ["127.0.0.1", "::1"];
  const { lookup } = await import("node:dns/promises");
  try {
    const found = await lookup(host, { all: true });
    const addresses = [...new Set(found.map(({ address }) => address))];
    return addresses.length > 1 ? addresses : [];
  } catch {
    return [];
  }
}

/** IPv4 or IPv6; everything else is a name. */
export function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+(?:\.\d+){3}$/.test(host);
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && /lookup|not known/i.test(error.message);
}
