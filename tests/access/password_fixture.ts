/**
 * Hashes that other programs have made, to verify ours against, and a fake of a worker.
 *
 * Owns nothing.
 */

import type { PasswordWorker } from "../../src/access/password_pool.ts";
import type { Answer, Question } from "../../src/access/password_messages.ts";

export const MADE_ELSEWHERE = [
  {
    maker: "mosquitto_passwd 2.0.11",
    password: "secret",
    hash:
      "\$7\$101\$9eZeiDDe2M5XIsC1\$K4iBMUzWDdbbQQzsMhBN5yyCKna6nTkc+n9Rq9nhUlGBR45bDok1BIQlUi5zji5nwA9PrbOfwF6+c0DxtKr3oQ==",
  },
  {
    maker: "mosquitto_passwd 2.0.11 with 1000 iterations",
    password: "secret",
    hash:
      "$7$1000$OrgCA8ExlIZx0shB$3taNmL7VPY1lXsmuR+lpWRZjm5Ct9Qg/ZrmfPeiFW5/GBG47jkFJLvwf6WRIN/EKAhtW7erGOUuIz4JRvGA+pg==",
  },
  {
    maker: "mosquitto_passwd 2.0.11 -H sha512",
    password: "secret",
    hash:
      "$6$id8MuZlGKx3SnwK8$4POaXsVY2PQHuCxrz4RpOKWWYL++jIN/jYRYODS6ktQbjIEKLzHQzi8JeZQGu7sZ8r1p8Jz59H2wCR4UF3ITnA==",
  },
  {
    maker: "the test vector of argon2's reference implementation",
    password: "password",
    hash: "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
  },
] as const;

/** A worker that answers when the test says so. */
export class FakeWorker implements PasswordWorker {
  onmessage: ((event: MessageEvent<Answer>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly asked: Question[] = [];
  isTerminated = false;

  postMessage(question: Question): void {
    this.asked.push(question);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(data: Answer): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  fail(message: string): void {
    this.onerror?.(new ErrorEvent("error", { message, cancelable: true }));
  }
}
