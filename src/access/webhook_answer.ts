/**
 * What a webhook answers, and what that means for a login.
 *
 * Owns the form of the answer. Invariant: what is not exactly an answer lets nobody in.
 */

import { isName } from "./jwt_claims.ts";
import type { MethodAnswer } from "./login_method.ts";

/** An HTTP response, read to its end. */
export interface WebhookResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Seconds: longer ones are for ever as far as a clock can tell. */
const MAXIMUM_EXPIRES_IN = 3_153_600_000;

/**
 * Statuses of 400 to 499 that are about the request or the webhook rather than about the client:
 * wrong path or method, too slow, too many requests.
 */
const NOT_ABOUT_THE_CLIENT: readonly number[] = [404, 405, 408, 429];

/** The answer to a client that has sent this User Name. */
export function readAnswer(response: WebhookResponse, username: string | undefined): MethodAnswer {
  const { status, body } = response;
  if (status >= 400 && status < 500 && !NOT_ABOUT_THE_CLIENT.includes(status)) {
    return { kind: "refused", cause: `the webhook answered with status ${status}` };
  }
  if (status >= 300 && status < 400) {
    return unavailable(`it answered with status ${status}, and redirects are not followed`);
  }
  if (status !== 200) return unavailable(`it answered with status ${status}`);
  const answer = parseObject(body);
  if (answer === undefined) return unavailable("its answer is not a JSON object");
  switch (answer.result) {
    case "allow":
      return readAllow(answer, username);
    case "deny":
      return { kind: "refused", cause: "the webhook denied it" };
    case "ignore":
      return { kind: "unknown", cause: "the webhook does not know the client" };
    default:
      return unavailable('its "result" is not "allow", "deny" or "ignore"');
  }
}

/** No answer, for a reason that is not the client's. */
export function unavailable(reason: string): MethodAnswer {
  return { kind: "unavailable", cause: `Cannot ask the webhook: ${reason}` };
}

interface Answer {
  readonly result?: unknown;
  readonly username?: unknown;
  readonly groups?: unknown;
  readonly expires_in?: unknown;
}

function readAllow(answer: Answer, sentUsername: string | undefined): MethodAnswer {
  const { username = sentUsername, groups = [], expires_in: expiresIn } = answer;
  if (!isName(username)) {
    return unavailable('it allowed a client without a User Name, and gave it no "username"');
  }
  if (!Array.isArray(groups) || !groups.every(isName)) {
    return unavailable('its "groups" are not a list of names');
  }
  const proven = { kind: "proven", username, groups: [...new Set<string>(groups)] } as const;
  if (expiresIn === undefined) return proven;
  if (typeof expiresIn === "number" && expiresIn > 0 && expiresIn <= MAXIMUM_EXPIRES_IN) {
    return { ...proven, validForMs: expiresIn * 1000 };
  }
  return unavailable('its "expires_in" is not a number of seconds');
}

function parseObject(body: Uint8Array): Answer | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
