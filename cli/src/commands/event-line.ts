import { z } from "zod";

export const boardEvent = z.looseObject({
  entity: z.string(),
  entity_id: z.string(),
  version: z.number(),
  kind: z.string(),
  actor_name: z.string().nullable(),
  at: z.string(),
  epoch: z.number().nullish(),
  after: z.record(z.string(), z.unknown()).nullish(),
});
export type BoardEvent = z.infer<typeof boardEvent>;

/** "12:04:31  claimed        a01     os_tasks 1f0c…  in_progress" */
export function eventLine({ at, kind, actor_name, entity, entity_id, epoch, after }: BoardEvent): string {
  const status = after?.["status"];
  const facts = [
    typeof after?.["number"] === "number" ? `#${after["number"]}` : `${entity.slice(3)} ${entity_id.slice(0, 8)}`,
    typeof status === "string" ? status : "",
    typeof epoch === "number" && epoch > 0 ? `epoch ${epoch}` : "",
  ];
  return `${at.slice(11, 19)}  ${kind.padEnd(14)} ${(actor_name ?? "board").padEnd(8)} ${facts.filter((fact) => fact !== "").join("  ")}`;
}
