/**
 * `-S`: the server of a domain, by its SRV record (RFC 2782).
 *
 * Owns the choice: the lowest priority, and among those the largest weight.
 */

import { messageOf } from "../../error_text.ts";
import { ToolExit, ToolFailure } from "./tool_exit.ts";

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

type Resolve = (name: string) => Promise<readonly SrvRecord[]>;

const resolveSrv: Resolve = (name) => Deno.resolveDns(name, "SRV");

/** Throws `ToolFailure` when there is none. */
export async function lookUpServer(
  domain: string,
  isEncrypted: boolean,
  resolve: Resolve = resolveSrv,
): Promise<{ readonly host: string; readonly port: number }> {
  if (domain === "localhost") {
    throw new ToolFailure(
      ToolExit.Failure,
      "Cannot look up the server: '-S' needs a domain, by '-h'",
    );
  }
  const name = `${isEncrypted ? "_secure-mqtt" : "_mqtt"}._tcp.${domain}`;
  let records: readonly SrvRecord[];
  try {
    records = await resolve(name);
  } catch (error) {
    const reason = messageOf(error);
    throw new ToolFailure(ToolExit.Failure, `Cannot look up the SRV record '${name}': ${reason}`);
  }
  const [best] = [...records].sort((one, other) =>
    one.priority - other.priority || other.weight - one.weight
  );
  if (best === undefined) {
    throw new ToolFailure(
      ToolExit.Failure,
      `Cannot look up the SRV record '${name}': there is none`,
    );
  }
  return { host: best.target.replace(/\.$/, ""), port: best.port };
}
