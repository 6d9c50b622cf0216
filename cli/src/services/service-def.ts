/** The services of one instance, in start order. */
export const SERVICE_IDS = ["postgres", "directus", "rag", "portal"] as const;
export type ServiceId = (typeof SERVICE_IDS)[number];
