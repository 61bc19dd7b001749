/**
 * `cert` on the command line: its names, its help, and what excludes what.
 */

import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type CommandContext, once } from "./command_context.ts";

/** What commander collects for `cert`. */
interface CertFlags {
  readonly dir?: string;
  readonly name?: readonly string[];
  readonly keyType?: "ec" | "rsa";
  readonly days?: number;
  readonly renew?: boolean;
  readonly newKey?: boolean;
  readonly newCa?: boolean;
}

const DEFAULT_FOLDER = "certificates";
const KEY_TYPES = ["ec", "rsa"] as const;

/** Platforms refuse more for a server; a client's ends with the CA. */
const MAX_DAYS = { server: 825, client: 3652 };

const HELP =
  `Makes a CA of your own and a certificate for the broker, for every name and address that this host
has. Once more, it renews the certificate when it ends within 30 days or a name is missing; the
broker does that by itself, too. CA and key stay, so that clients need nothing new.

Examples:
  broker cert                              make them, or look after them
  broker cert --name mqtt.example.org      for a name more, which is remembered
  broker cert --key-type rsa --dir rsa     for devices that know RSA only, as Tasmota on ESP8266
  broker cert client ann                   a client certificate of user 'ann', for mutual TLS`;

export function addCert(context: CommandContext): void {
  const program: Command = context.program;
  addCommand(context, "cert [what] [name]", "make certificates for TLS, and renew them", HELP)
    .usage("[options] [client <name>]")
    .option("--dir <folder>", `where the files are (default: ${DEFAULT_FOLDER})`, once)
    .option("--name <name>", "a DNS name or IP address more; repeatable", collect)
    .option("--key-type <type>", "ec or rsa (default: ec, or as the CA)", toKeyType)
    .option("--days <days>", `how long it is valid (default: ${MAX_DAYS.server})`, toDays)
    .option("--renew", "make a new certificate although the old one is good")
    .option("--new-key", "make a new certificate with another key")
    .option("--new-ca", "make another CA, which all clients must then be given")
    .action(async (what: string | undefined, name: string | undefined, flags: CertFlags) => {
      refuse(program, what, name, flags);
      context.done(await run(context, name, flags));
    });
}

async function run(
  { terminal }: CommandContext,
  username: string | undefined,
  flags: CertFlags,
): Promise<number> {
  const { certifyClient, certifyServer } = await import("./cert.ts");
  const request = {
    folder: flags.dir ?? DEFAULT_FOLDER,
    keyType: flags.keyType,
    days: flags.days,
    renew: flags.renew ?? false,
    newKey: flags.newKey ?? false,
  };
  if (username !== undefined) return await certifyClient({ ...request, username }, terminal);
  const more = { names: flags.name ?? [], newCa: flags.newCa ?? false };
  return await certifyServer({ ...request, ...more }, terminal);
}

function refuse(
  program: Command,
  what: string | undefined,
  name: string | undefined,
  flags: CertFlags,
): void {
  if (what !== undefined && what !== "client") {
    program.error(
      `error: 'cert' makes no '${what}', only 'client', as in 'broker cert client ann'`,
    );
  }
  if (what === "client" && !name) {
    program.error("error: 'cert client' needs a user name, as in 'broker cert client ann'");
  }
  const forServer = [flags.name && "--name", flags.newCa && "--new-ca"].find(Boolean);
  if (what === "client" && forServer) {
    program.error(`error: option '${forServer}' cannot be used with 'client'`);
  }
  const maxDays = MAX_DAYS[what === "client" ? "client" : "server"];
  if ((flags.days ?? 1) > maxDays) {
    program.error(`error: option '--days' takes at most ${maxDays} here`);
  }
}

function collect(name: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, name];
}

function toKeyType(text: string): "ec" | "rsa" {
  const type = KEY_TYPES.find((name) => name === text);
  if (type !== undefined) return type;
  throw new InvalidArgumentError(`Allowed: ${KEY_TYPES.join(", ")}.`);
}

function toDays(text: string): number {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days > 0) return days;
  throw new InvalidArgumentError("Allowed: a whole number from 1.");
}
