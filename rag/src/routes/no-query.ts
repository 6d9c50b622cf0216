/** JSON schema of a route without query parameters: one that is sent anyway is refused, not ignored. */
export const noQuery = { type: "object", properties: {}, additionalProperties: false } as const;
