/**
 * The flags of mosquitto_passwd.
 */

import { type ParityRow, rowsOf } from "./row.ts";

const passwd = rowsOf("passwd");

/** Base64 of 12 to 64 bytes of salt, and of 64 bytes of hash. */
const PBKDF2 = String.raw`\$7\$\d+\$[\w+/=]{16,88}\$[\w+/]{86}==`;
const SHA512 = String.raw`\$6\$[\w+/=]{16,88}\$[\w+/]{86}==`;

const ANN = "ann:$7$101$c2FsdHNhbHRzYWx0$" + "A".repeat(86) + "==\n";
const BOB = "bob:$7$101$c2FsdHNhbHRzYWx0$" + "B".repeat(86) + "==\n";

/** Our default. */
const ARGON2ID = String.raw`\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[\w+/]+\$[\w+/]+`;
const STRONGER = "argon2id, the strongest, is our default; -H sha512-pbkdf2 asks for the other";
const USAGE = { code: 2 };
const USAGE_CODE = "wrong arguments end every command of ours with 2, but pub, sub and rr";

function line(user: string, hash: string): string {
  return `${user}:${hash}\n`;
}

export const PASSWD_ROWS: readonly ParityRow[] = [
  passwd("-c", "makes the file", "-c -b passwords ann s3cret", {
    files: { passwords: new RegExp(`^${line("ann", PBKDF2)}$`) },
  }, {
    ours: { files: { passwords: new RegExp(`^${line("ann", ARGON2ID)}$`) } },
    why: STRONGER,
  }),
  passwd("-c", "makes the file in place of one that is there", "-c -b passwords ann s3cret", {
    files: { passwords: new RegExp(`^${line("ann", PBKDF2)}$`) },
  }, {
    files: { passwords: BOB },
    ours: { code: 1, files: { passwords: BOB } },
    why: "a file that is there is not overwritten: delete it first",
  }),
  passwd("-b", "adds a user, with the password on the command line", "-b passwords ann s3cret", {
    files: { passwords: new RegExp(`^bob:.*\n${line("ann", PBKDF2)}$`) },
  }, {
    files: { passwords: BOB },
    ours: { files: { passwords: new RegExp(`^bob:.*\n${line("ann", ARGON2ID)}$`) } },
    why: STRONGER,
  }),
  passwd("-b", "changes a password", "-b passwords bob s3cret", {
    files: { passwords: new RegExp(`^${line("bob", PBKDF2)}$`) },
  }, {
    files: { passwords: BOB },
    ours: { files: { passwords: new RegExp(`^${line("bob", ARGON2ID)}$`) } },
    why: STRONGER,
  }),
  passwd("-b", "fails when the file is not there", "-b passwords ann s3cret", {
    code: 1,
    files: { passwords: null },
  }),
  passwd("-b", "needs a password", "-b passwords ann", { code: 1 }, {
    files: { passwords: BOB },
    ours: USAGE,
    why: USAGE_CODE,
  }),
  passwd("-b", "refuses a user name with a colon", "-b passwords a:b s3cret", {
    code: 1,
    files: { passwords: BOB },
  }, { files: { passwords: BOB }, ours: USAGE, why: USAGE_CODE }),
  passwd("-D", "deletes a user", "-D passwords bob", { files: { passwords: ANN } }, {
    files: { passwords: ANN + BOB },
  }),
  passwd("-D", "says when there is no such user", "-D passwords eve", {
    code: 1,
    files: { passwords: ANN },
  }, { files: { passwords: ANN } }),
  passwd("-D", "goes with no -c", "-c -D passwords ann", { code: 1 }, {
    files: { passwords: ANN },
    ours: USAGE,
    why: USAGE_CODE,
  }),
  passwd("-H", "hashes with sha512", "-H sha512 -b passwords ann s3cret", {
    files: { passwords: new RegExp(`^${line("ann", SHA512)}$`) },
  }, {
    files: { passwords: "" },
    ours: { code: 2, files: { passwords: "" } },
    why: "one round of SHA-512 is no protection: such hashes are read, and not made",
  }),
  passwd("-H", "hashes with sha512-pbkdf2", "-H sha512-pbkdf2 -b passwords ann s3cret", {
    files: { passwords: new RegExp(`^${line("ann", PBKDF2)}$`) },
  }, { files: { passwords: "" } }),
  passwd("-H", "refuses other words", "-H md5 -b passwords ann s3cret", { code: 1 }, {
    files: { passwords: "" },
    ours: USAGE,
    why: USAGE_CODE,
  }),
  passwd("-U", "hashes the passwords of a file", "-U passwords", {
    files: { passwords: new RegExp(`^${line("ann", PBKDF2)}${line("bob", PBKDF2)}$`) },
  }, {
    files: { passwords: "ann:s3cret\nbob:hunter2\n" },
    ours: {
      files: { passwords: new RegExp(`^${line("ann", ARGON2ID)}${line("bob", ARGON2ID)}$`) },
    },
    why: STRONGER,
  }),
  passwd("no flag", "takes the password from standard input", "passwords ann", {
    files: { passwords: new RegExp(`^bob:.*\n${line("ann", PBKDF2)}$`) },
  }, {
    files: { passwords: BOB },
    stdin: "s3cret\ns3cret\n",
    ours: { files: { passwords: new RegExp(`^bob:.*\n${line("ann", ARGON2ID)}$`) } },
    why: STRONGER,
  }),
  passwd("no flag", "needs a user", "passwords", { code: 1 }, {
    files: { passwords: BOB },
    ours: USAGE,
    why: USAGE_CODE,
  }),
];
