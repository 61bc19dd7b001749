/**
 * `passwd` on the command line: its names, its help, and what excludes what.
 */

import { type Command, InvalidArgumentError } from "commander";
import { HASH_LIMITS, NEW_FORMATS, type NewFormat } from "../access/password_hash.ts";
import { addCommand, type CommandContext } from "./command_context.ts";

interface PasswdFlags {
  readonly batch?: boolean;
  readonly hashPasswords?: boolean;
  readonly create?: boolean;
  readonly delete?: boolean;
  readonly list?: boolean;
  readonly scram?: boolean;
  readonly format?: NewFormat;
  readonly iterations?: number;
}

const HELP =
  `The password is asked for twice, and not shown, or read from standard input when that is no
terminal. Only its hash is written. Mosquitto 2.1 reads both formats, Mosquitto 2.0 pbkdf2-sha512.
The short flags are those of mosquitto_passwd; with '-c' and the file '-' the user's line is printed.
A password after --batch can be seen by others who list the processes, and stays in the history of
the shell.
SCRAM-SHA-256 needs something else than a hash, which belongs into 'users:' of broker.yaml: --scram
prints the user's entry.

Examples:
  broker passwd --create passwords ann     make the file, with one user
  broker passwd passwords bob              add a user, or change the password
  broker passwd passwords bob < secret     with the password from a file
  broker passwd -b passwords bob s3cret    with the password on the command line
  broker passwd --delete passwords bob
  broker passwd --list passwords
  broker passwd --scram ann                print the entry of a user who logs in with SCRAM-SHA-256`;

export function addPasswd(context: CommandContext): void {
  const program: Command = context.program;
  addCommand(
    context,
    "passwd [file] [user] [password]",
    "change the users of a password file",
    HELP,
  )
    .usage("[options] <file> <user>")
    .option("-c, --create", "make the file, which must not be there yet")
    .option("-D, --delete", "delete the user")
    .option("-b, --batch", "take the password from the command line, after the user")
    .option("-U, --hash-passwords", "hash the passwords that stand in the file as they are")
    .option("--list", "print the users, and how their passwords are stored")
    .option("--scram", "print what SCRAM-SHA-256 needs of a password; the user is all it takes")
    .option(
      "-H, --format <format>",
      `one of ${NEW_FORMATS.join(", ")} (default: argon2id)`,
      toFormat,
    )
    .option("-I, --iterations <count>", "of pbkdf2-sha512 (default: 210000)", toIterations)
    .action(async (
      file: string | undefined,
      user: string | undefined,
      password: string | undefined,
      flags: PasswdFlags,
    ) => {
      refuseMix(program, flags);
      refuseStrayPassword(program, password, flags);
      if (flags.scram) return context.done(await runScram(context, file, user));
      const isAboutAll = flags.list || flags.hashPasswords;
      if (!file || (!user && !isAboutAll)) {
        program.error(
          "error: 'passwd' needs a file and a user, as in 'broker passwd passwords ann'",
        );
      }
      if (user !== undefined && isAboutAll) {
        program.error(`error: '--${flags.list ? "list" : "hash-passwords"}' takes no user`);
      }
      context.done(await run(context, { file, user: user ?? "", password }, flags));
    });
}

interface PasswdWords {
  readonly file: string;
  readonly user: string;
  readonly password: string | undefined;
}

async function run(
  { terminal }: CommandContext,
  { file, user, password }: PasswdWords,
  flags: PasswdFlags,
): Promise<number> {
  const { deleteUser, hashPasswords, listUsers, setPassword } = await import("./passwd.ts");
  const { create = false, iterations } = flags;
  const format = flags.format ?? (iterations === undefined ? NEW_FORMATS[0] : "pbkdf2-sha512");
  const cost = iterations === undefined ? {} : { iterations };
  if (flags.list) return await listUsers(file, terminal);
  if (flags.delete) return await deleteUser(file, user, terminal);
  if (flags.hashPasswords) return await hashPasswords({ file, format, ...cost }, terminal);
  const { processKeyboard, typedAhead } = await import("./password_prompt.ts");
  const keyboard = password === undefined ? processKeyboard : typedAhead(password);
  return await setPassword({ file, user, create, format, ...cost }, { terminal, keyboard });
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

/** What each flag may be used with: a new password has a format, and may make its file. */
const COMPATIBLE: Readonly<Record<string, readonly string[]>> = {
  batch: ["create", "format", "iterations"],
  create: ["batch", "format", "iterations"],
  format: ["batch", "create", "hashPasswords", "iterations"],
  hashPasswords: ["format", "iterations"],
  iterations: ["batch", "create", "format", "hashPasswords"],
};

const FLAGS = [
  "list",
  "delete",
  "scram",
  "hashPasswords",
  "batch",
  "create",
  "format",
  "iterations",
] as const;

function refuseMix(program: Command, flags: PasswdFlags): void {
  const given = FLAGS.filter((name) => flags[name]);
  if (flags.iterations !== undefined && flags.format === "argon2id") {
    program.error("error: option '--iterations' is for pbkdf2-sha512, not for argon2id");
  }
  for (const [index, first] of given.entries()) {
    const second = given.slice(index + 1).find((name) => !COMPATIBLE[first]?.includes(name));
    if (second === undefined) continue;
    program.error(`error: option '${long(first)}' cannot be used with option '${long(second)}'`);
  }
}

function long(name: string): string {
  return `--${name === "hashPasswords" ? "hash-passwords" : name}`;
}

/** A password stands on the command line with --batch, and only then. */
function refuseStrayPassword(
  program: Command,
  password: string | undefined,
  { batch = false }: PasswdFlags,
): void {
  if (batch && password === undefined) {
    program.error(
      "error: '--batch' needs a password, as in 'broker passwd -b passwords ann s3cret'",
    );
  }
  if (!batch && password !== undefined) {
    program.error(
      "error: too many arguments for 'passwd': a password follows the user with '--batch' only",
    );
  }
}

function toIterations(text: string): number {
  const count = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : NaN;
  if (count <= HASH_LIMITS.pbkdf2Iterations) return count;
  throw new InvalidArgumentError(`Allowed: 1 to ${HASH_LIMITS.pbkdf2Iterations}.`);
}

/** Mosquitto has the words in another order. */
const MOSQUITTO_NAMES: Readonly<Record<string, NewFormat>> = { "sha512-pbkdf2": "pbkdf2-sha512" };

function toFormat(text: string): NewFormat {
  const format = MOSQUITTO_NAMES[text] ?? NEW_FORMATS.find((name) => name === text);
  if (format !== undefined) return format;
  if (text === "sha512") {
    throw new InvalidArgumentError("One round of SHA-512 is no protection: it is read, not made.");
  }
  throw new InvalidArgumentError(`Allowed: ${NEW_FORMATS.join(", ")}.`);
}
