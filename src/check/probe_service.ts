/**
 * Whether the files are looked at as the right user.
 *
 * Owns the words for why it may be another one: a unit that was not looked at, a broker that runs.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { controlPath } from "../config/control_path.ts";
import { userName } from "./account.ts";
import type { Examination, Finding } from "./finding.ts";
import { UNIT_NAME } from "./service_unit.ts";

export function probeService(examination: Examination): Finding[] {
  return [...otherUnitFindings(examination), ...otherUserFindings(examination)];
}

function otherUnitFindings({ service: { otherUnit, account } }: Examination): Finding[] {
  if (otherUnit === undefined) return [];
  return [{
    severity: "info",
    place: undefined,
    problem:
      `${UNIT_NAME} runs with another configuration, ${shellQuoted(otherUnit.configFile ?? "")}: ` +
      `files were looked at as user '${account?.name ?? "unknown"}'`,
    cure: `--user ${otherUnit.user ?? "root"} looks at them as that service's user`,
  }];
}

/** Cures for the wrong user would take the data from a broker that works. */
function otherUserFindings({ loaded, machine, service }: Examination): Finding[] {
  const { account, storePath } = service;
  const path = controlPath({ ...loaded.settings.persistence, path: storePath });
  const facts = machine.look(path);
  if (typeof facts === "string" || facts.kind !== "socket") return [];
  if (account?.uid === undefined || facts.uid === null || facts.uid === account.uid) return [];
  const owner = userName(machine, facts.uid);
  return [{
    severity: "warning",
    place: undefined,
    problem: `The broker has run as user '${owner}' with this data, and files were looked at as ` +
      `user '${account.name}': what is said of owners and modes may be wrong`,
    cure: `sudo broker check --config ${shellQuoted(loaded.file)} --user ${owner}`,
  }];
}
