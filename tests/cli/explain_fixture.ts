/**
 * `broker explain` asked about a configuration of a few lines.
 *
 * Owns the folder of the files for the time of a question.
 */

import { explain, type Question } from "../../src/cli/explain.ts";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { temporaryFolder } from "../storage/fixture.ts";

const HASH = MADE_ELSEWHERE[0].hash;

/** Asks; FOLDER stands for the folder of broker.yaml, which has the files `acl` and `passwords` too. */
export async function ask(
  yaml: string,
  more: Partial<Question> = {},
  acl = "",
): Promise<[exitCode: number, out: string[], err: string]> {
  using folder = temporaryFolder();
  const config = `${folder.path}/broker.yaml`;
  await Deno.writeTextFile(config, yaml);
  await Deno.writeTextFile(`${folder.path}/acl`, acl);
  await Deno.writeTextFile(`${folder.path}/passwords`, `bob:${HASH}\n`, { mode: 0o600 });
  let [out, err] = ["", ""];
  const exitCode = await explain({
    config,
    action: "publish",
    topic: "sensors/ann/1",
    clientIdentifier: "lamp",
    username: undefined,
    groups: [],
    address: undefined,
    listener: undefined,
    qos: 0,
    ...more,
  }, { out: (text) => void (out += text), err: (text) => void (err += text) });
  const clean = (text: string) => text.replaceAll(folder.path, "FOLDER");
  return [exitCode, clean(out).trimEnd().split("\n"), clean(err)];
}

export const USERS = `users:
  - {name: ann, password: "${HASH}", groups: [family]}
  - {name: eve}
roles:
  - name: sensors
    groups: [family]
    allow: ["publish sensors/%u/#", "subscribe home/#"]
    deny: ["subscribe home/secret"]
`;

export const ASSUMED = "  its password is assumed to be right";
