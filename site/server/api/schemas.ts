// SPDX-License-Identifier: Apache-2.0

import { type TNull, type TSchema, type TUnion, Type } from "@fastify/type-provider-typebox";
import { DOOR_ID } from "../../../protocol/credential/names.js";

/** What several routes have in common. */
export const DoorId = Type.String({
	pattern: DOOR_ID,
	description: "1 to 8 letters, digits, dots, hyphens, underscores",
});
export const Seconds = Type.Integer({ description: "Seconds since 1970" });
export const Id16 = Type.String({ pattern: "^[0-9a-f]{16}$" });
export const Hex = (bytes: number): ReturnType<typeof Type.String> =>
	Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
export const Nothing = Type.Null({ description: "Done" });
export const orNull = <T extends TSchema>(type: T): TUnion<[T, TNull]> => Type.Union([type, Type.Null()]);
