/**
 * A SOCKS5 proxy for tests: knows CONNECT, with or without a user name and password, and looks up no
 * names: all of them are this machine.
 *
 * Owns its sockets until it is disposed of.
 */

export interface SocksOptions {
  /** "user:password"; without it nobody logs in. */
  readonly login?: string;
  /** The answer to every request, in place of a connection. */
  readonly reply?: number;
}

export class SocksServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #options: SocksOptions;
  readonly #conns: Deno.Conn[] = [];
  readonly #running: Promise<void>[] = [];
  /** What was asked for: "name localhost:1883". */
  readonly requests: string[] = [];

  constructor(options: SocksOptions = {}) {
    this.#options = options;
    this.#running.push(this.#accept());
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  async #accept(): Promise<void> {
    try {
      for await (const conn of this.#listener) {
        this.#conns.push(conn);
        // Whatever happens to one connection is for its client to tell.
        this.#running.push(this.#serve(conn).catch(() => {}));
      }
    } catch {
      // The listener was closed.
    }
  }

  async #serve(conn: Deno.Conn): Promise<void> {
    if (!await this.#logIn(conn)) return conn.close();
    const [, , , type] = await read(conn, 4);
    const host = await readHost(conn, type as number);
    const [high = 0, low = 0] = await read(conn, 2);
    const port = high << 8 | low;
    this.requests.push(`${host}:${port}`);
    const reply = this.#options.reply ?? 0;
    if (reply !== 0) {
      await conn.write(Uint8Array.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0));
      return conn.close();
    }
    const target = await Deno.connect({ hostname: "127.0.0.1", port });
    this.#conns.push(target);
    // The address of the answer is a name here, so that its length is read.
    await conn.write(Uint8Array.of(5, 0, 0, 3, 1, 120, 0, 0));
    await Promise.allSettled([copy(conn, target), copy(target, conn)]);
  }

  async #logIn(conn: Deno.Conn): Promise<boolean> {
    const [, count] = await read(conn, 2);
    const methods = await read(conn, count as number);
    const { login } = this.#options;
    const method = login === undefined ? 0 : 2;
    if (!methods.includes(method)) {
      await conn.write(Uint8Array.of(5, 0xff));
      return false;
    }
    await conn.write(Uint8Array.of(5, method));
    if (login === undefined) return true;
    await read(conn, 1);
    const given = `${await readText(conn)}:${await readText(conn)}`;
    await conn.write(Uint8Array.of(1, given === login ? 0 : 1));
    return given === login;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) {
      try {
        conn.close();
      } catch {
        // It is closed already.
      }
    }
    while (this.#running.length > 0) await this.#running.pop();
  }
}

async function read(conn: Deno.Conn, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count;) {
    const more = await conn.read(bytes.subarray(filled));
    if (more === null) throw new Error("the client has gone");
    filled += more;
  }
  return bytes;
}

async function readText(conn: Deno.Conn): Promise<string> {
  const [length] = await read(conn, 1);
  return new TextDecoder().decode(await read(conn, length as number));
}

async function readHost(conn: Deno.Conn, type: number): Promise<string> {
  if (type === 3) return `name ${await readText(conn)}`;
  const bytes = await read(conn, type === 1 ? 4 : 16);
  if (type === 1) return `IPv4 ${bytes.join(".")}`;
  return `IPv6 ${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
  }
  await to.closeWrite();
}
