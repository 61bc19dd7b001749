/**
 * One port on every IPv4 and IPv6 address of the machine.
 *
 * Owns the question whether an IPv6 socket takes IPv4 as well: on most systems it does, on Windows,
 * and where `bindv6only` is set, it does not and there are two sockets. Invariant: what is returned
 * serves both, or whatever is missing was reported, unless the machine does not have it.
 */

export type ListenTcp = (hostname: string, port: number) => Deno.TcpListener;

/**
 * Listens on `port` (0: any that is free); the IPv6 socket comes first. Throws when nothing can be
 * listened on, and `AddrInUse` when the port is taken on either; `report` is given any other error
 * that leaves out one of them.
 */
export function listenOnAllAddresses(
  port: number,
  listen: ListenTcp,
  report: (endpoint: string, error: Error) => void,
): Deno.TcpListener[] {
  const ipv4 = attempt(listen, "0.0.0.0", port);
  if (ipv4 instanceof Error) {
    if (ipv4 instanceof Deno.errors.AddrInUse) throw ipv4;
    const socket = listen("::", port);
    if (!isAbsent(ipv4)) report(`0.0.0.0:${socket.addr.port}`, ipv4);
    return [socket];
  }
  const chosenPort = ipv4.addr.port;
  const ipv6 = attempt(listen, "::", chosenPort);
  if (!(ipv6 instanceof Error)) return [ipv6, ipv4];
  if (!(ipv6 instanceof Deno.errors.AddrInUse)) {
    if (!isAbsent(ipv6)) report(`[::]:${chosenPort}`, ipv6);
    return [ipv4];
  }
  // Either our IPv4 socket is in its way, because it takes IPv4 as well, or another program is.
  ipv4.close();
  return [listen("::", chosenPort)];
}

function attempt(listen: ListenTcp, hostname: string, port: number): Deno.TcpListener | Error {
  try {
    return listen(hostname, port);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** The machine has no such addresses: EAFNOSUPPORT of Linux, macOS and Windows. */
function isAbsent(error: Error): boolean {
  return error instanceof Deno.errors.AddrNotAvailable ||
    /\(os error (97|47|10047)\)/.test(error.message);
}
