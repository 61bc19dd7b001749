/**
 * Who may read a file, in words: whom it belongs to, its mode, who we are, and the command that helps.
 *
 * Owns those words. Changes nothing. Names of users are those of /etc/passwd; others are shown by
 * their number.
 */

/** Why a file cannot be read, and the command that makes it readable. */
export interface Denied {
  /** "permission denied: it belongs to user 'root', mode 0600, and this is user 'broker'". */
  readonly reason: string;
  /** Undefined when it is not known what would help. */
  readonly remedy: string | undefined;
}

/**
 * What to say of a file that this process may not read; `shownPath` is what it is called in commands.
 * Never throws.
 */
export function deniedText(path: string, shownPath = `'${path}'`): Denied {
  try {
    const { uid, mode } = Deno.statSync(path);
    const me = userName(Deno.uid());
    const reason = `permission denied: it belongs to user '${userName(uid)}', ` +
      `mode ${modeText(mode)}, and this is user '${me}'`;
    const isMine = uid !== null && uid === Deno.uid();
    return {
      reason,
      remedy: isMine ? `chmod u+r ${shownPath}` : `sudo chown ${me} ${shownPath}`,
    };
  } catch {
    return { reason: "permission denied, for it or for a folder above it", remedy: undefined };
  }
}

/** The name of a user; its number when there is no name. */
export function userName(uid: number | null): string {
  if (uid === null) return "unknown";
  try {
    for (const line of Deno.readTextFileSync("/etc/passwd").split("\n")) {
      const [name, , number] = line.split(":");
      if (name !== undefined && number === String(uid)) return name;
    }
  } catch {
    // Without the file, the number says it.
  }
  return String(uid);
}

function modeText(mode: number | null): string {
  return mode === null ? "unknown" : (mode & 0o7777).toString(8).padStart(4, "0");
}
