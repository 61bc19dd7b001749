/**
 * `passwd` on the command line: its names, its help, and what excludes what.
 */

import { type Command, InvalidArgumentError } from "commander";
import { NEW_FORMATS, type NewFormat } from "../access/password_hash.ts";
import { addCommand, type CommandContext } from "./command_context.ts";

interface PasswdFlags {
  readonly create?: boolean;
  readonly delete?: boolean;
  readonly list?: boolean;
  readonly scram?: boolean;
  readonly format?: NewFormat;
}

const HELP =
  `The password is asked for twice, and not shown, or read from standard input when that is no
terminal. Only its hash is written. Mosquitto 2.1 reads both formats, Mosquitto 2.0 pbkdf2-sha512.
SCRAM-SHA-256 needs something else than a hash, which belongs into 'users:' of broker.yaml: --scram
prints the user's entry.

Examples:
  broker passwd --create passwords ann     make the file, with one user
  broker passwd passwords bob              add a user, or change the password
  broker passwd passwords bob < secret     with the password from a file
  broker passwd --delete passwords bob
  broker passwd --list passwords
  broker passwd --scram ann                print the entry of a user who logs in with SCRAM-SHA-256`;

export function addPasswd(context: CommandContext): void {
  const program: Command = context.program;
  addCommand(context, "passwd [file] [user]", "change the users of a password file", HELP)
    .usage("[options] <file> <user>")
    .option("--create", "make the file, which must not be there yet")
    .option("--delete", "delete the user")
    .option("--list", "print the users, and how their passwords are stored")
    .option("--scram", "print what SCRAM-SHA-256 needs of a password; the user is all it takes")
    .option("--format <format>", `one of ${NEW_FORMATS.join(", ")} (default: argon2id)`, toFormat)
    .action(async (file: string | undefined, user: string | undefined, flags: PasswdFlags) => {
      refuseMix(program, flags);
      if (flags.scram) return context.done(await runScram(context, file, user));
      if (!file || (!user && !flags.list)) {
        program.error(
          "error: 'passwd' needs a file and a user, as in 'broker passwd passwords ann'",
        );
      }
      if (user !== undefined && flags.list) program.error("error: '--list' takes no user");
      context.done(await run(context, file, user ?? "", flags));
    });
}

async function run(
  { terminal }: CommandContext,
  file: string,
  user: string,
  flags: PasswdFlags,
): Promise<number> {
  const { deleteUser, listUsers, setPassword } = await import("./passwd.ts");
  if (flags.list) return await listUsers(file, terminal);
  if (flags.delete) return await deleteUser(file, user, terminal);
  const { processKeyboard } = await import("./password_prompt.ts");
  const { create = false, format = NEW_FORMATS[0] } = flags;
  return await setPassword({ file, user, create, format }, { terminal, keyboard: processKeyboard });
}

/** The first word is the user: there is no file. */
async function runScram(
  context: CommandContext,
  user: string | undefined,
  more: string | undefined,
): Promise<number> {
  const program: Command = context.program;
  if (!user || more !== undefined) {
    program.error("error: '--scram' takes a user and no file, as in 'broker passwd --scram ann'");
  }
  const { printScram } = await import("./passwd.ts");
  const { processKeyboard } = await import("./password_prompt.ts");
  return await printScram(user, { terminal: context.terminal, keyboard: processKeyboard });
}

/** `--create` and `--format` are about a new password in a file; the others are about no such thing. */
function refuseMix(program: Command, flags: PasswdFlags): void {
  const given = (["list", "delete", "scram", "create", "format"] as const).filter((name) =>
    flags[name]
  );
  const [first, second] = given;
  if (second === undefined || (first === "create" && second === "format")) return;
  program.error(`error: option '--${first}' cannot be used with option '--${second}'`);
}

function toFormat(text: string): NewFormat {
  const format = NEW_FORMATS.find((name) => name === text);
  if (format !== undefined) return format;
  throw new InvalidArgumentError(`Allowed: ${NEW_FORMATS.join(", ")}.`);
}
