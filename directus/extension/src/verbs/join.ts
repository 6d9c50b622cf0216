import { SHORT_TEXT, session, text } from "./texts.ts";
import { defineVerb } from "./verb.ts";

export const join = defineVerb({
  name: "join",
  description: "Start here. Opens your session; answers who you are and what you hold, with fences.",
  writes: true,
  shape: {
    session: session().describe("your own nonce; the same in every call"),
    client: text(SHORT_TEXT).optional(),
    constitution_version: text(SHORT_TEXT).optional(),
  },
  run: (desk, { session: nonce, client, constitution_version }) =>
    desk.law("join_session", {
      session: nonce,
      info: {
        ...(client === undefined ? {} : { client }),
        ...(constitution_version === undefined ? {} : { constitution_version }),
      },
    }),
});
