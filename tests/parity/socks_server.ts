/**
 * A SOCKS5 server for one client (RFC 1928, RFC 1929) that says what it was asked for.
 *
 * Names are not resolved: every connection goes to loopback, so that what the client asks to be
 * resolved may be any name. Owns its sockets.
 */

import { readExactly } from "./read_exactly.ts";

const VERSION = 5;
const NO_LOGIN = 0;
const PASSWORD_LOGIN = 2;
const DOMAIN_NAME = 3;

const decoder = new TextDecoder();

export class SocksServer implements AsyncDisposable {
  /** "SOCKS5 user:password name:port" for each connection. */
  readonly lines: string[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #wantsPassword: boolean;
  readonly #served: Promise<void>;
  readonly #connections: Promise<void>[] = [];

  constructor(wantsPassword: boolean) {
    this.#wantsPassword = wantsPassword;
    this.#served = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#served;
    await Promise.all(this.#connections);
  }

  async #serve(): Promise<void> {
    for await (const conn of this.#listener) {
      this.#connections.push(
        this.#relay(conn).catch(() => {
          // One of the two went away.
        }),
      );
    }
  }

  async #relay(conn: Deno.TcpConn): Promise<void> {
    using client = conn;
    const login = await this.#login(client);
    const { host, port } = await readRequest(client);
    this.lines.push(`SOCKS5 ${login} ${host}:port`);
    using server = await Deno.connect({ hostname: "127.0.0.1", port });
    await client.write(new Uint8Array([VERSION, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
    await Promise.all([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  }

  async #login(client: Deno.Conn): Promise<string> {
    const [, count = 0] = await readExactly(client, 2);
    const methods = await readExactly(client, count);
    const method = this.#wantsPassword ? PASSWORD_LOGIN : NO_LOGIN;
    if (!methods.includes(method)) throw new Error("The client has no login that suits");
    await client.write(new Uint8Array([VERSION, method]));
    if (method === NO_LOGIN) return "nobody";
    const [, userLength = 0] = await readExactly(client, 2);
    const user = decoder.decode(await readExactly(client, userLength));
    const [passwordLength = 0] = await readExactly(client, 1);
    const password = decoder.decode(await readExactly(client, passwordLength));
    await client.write(new Uint8Array([1, 0]));
    return `${user}:${password}`;
  }
}

async function readRequest(client: Deno.Conn): Promise<{ host: string; port: number }> {
  const [, , , kind] = await readExactly(client, 4);
  let host: string;
  if (kind === DOMAIN_NAME) {
    const [length = 0] = await readExactly(client, 1);
    host = decoder.decode(await readExactly(client, length));
  } else {
    host = (await readExactly(client, kind === 1 ? 4 : 16)).join(".");
  }
  const [high = 0, low = 0] = await readExactly(client, 2);
  return { host, port: high * 256 + low };
}
