// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../../protocol/bytes.js";
import type { Sql, SqlValue } from "./database.js";

/** How an invitation gets to its person; `link`: an administrator hands it over. */
export const WAYS = Object.freeze(["email", "sms", "link"] as const);
export type Way = (typeof WAYS)[number];

/** What has become of an invitation, as it is stored; that its time is over is told by `until`. */
export const STORED_STATES = Object.freeze([
	/** Nothing was sent yet. */
	"draft",
	/** Its message waits, or is tried again. */
	"queued",
	/** The transport has taken its message, or its link was handed over. */
	"sent",
	/** The transport says that it has arrived. */
	"delivered",
	/** The transport says that it will not. */
	"bounced",
	/** The page behind its link was looked at. */
	"opened",
	"accepted",
	"withdrawn",
] as const);
export type StoredState = (typeof STORED_STATES)[number];

/** Those in which a link may be accepted. */
export const OPEN_STATES: readonly StoredState[] = Object.freeze([
	"draft",
	"queued",
	"sent",
	"delivered",
	"bounced",
	"opened",
]);

export interface Invitation {
	/** Rises; where a list goes on. */
	readonly number: number;
	readonly id: string;
	/** The user that it is for. */
	readonly user: string;
	readonly way: Way;
	readonly state: StoredState;
	/** Why it bounced, in the transport's words. */
	readonly reason: string | undefined;
	/** Id of the administrator, token or credential that made it. */
	readonly maker: string;
	readonly made: number;
	/** When its newest link was sent or handed over. */
	readonly sent: number | undefined;
	/** From then on its link is worth nothing. */
	readonly until: number;
	readonly opened: number | undefined;
	readonly accepted: number | undefined;
	/** A credential that is revoked when this is accepted: that of a lost or former phone. */
	readonly replaces: string | undefined;
	/** What has come of it. */
	readonly phone: InvitedPhone | undefined;
}

/** A CWT: when it begins and ends, seconds since 1970, and which key has signed it. */
export interface Signed {
	readonly issued: number;
	readonly expires: number;
	readonly kid: Uint8Array;
}

/** The phone that has accepted, with its newest CWT. */
export interface InvitedPhone extends Signed {
	/** Its credential's id, 16 hexadecimal digits. */
	readonly credential: string;
	readonly publicKey: Uint8Array;
	/** When the phone was last heard of. */
	readonly seen: number;
}

interface Row {
	readonly number: number;
	readonly id: string;
	readonly user_id: string;
	readonly way: Way;
	readonly state: StoredState;
	readonly reason: string | null;
	readonly maker: string;
	readonly made: number;
	readonly sent: number | null;
	readonly until: number;
	readonly opened: number | null;
	readonly accepted: number | null;
	readonly replaces: Uint8Array | null;
	readonly credential: Uint8Array | null;
	readonly public_key: Uint8Array | null;
	readonly issued: number | null;
	readonly expires: number | null;
	readonly kid: Uint8Array | null;
	readonly seen: number | null;
}

const FIELDS = `number, id, user_id, way, state, reason, maker, made, sent, until, opened, accepted, replaces, credential, public_key,
	issued, expires, kid, seen`;
const isIn = (states: readonly StoredState[]): string =>
	`state IN (${states.map((state) => `'${state}'`).join(", ")})`;
const IS_OPEN = isIn(OPEN_STATES);
/** What a transport may say after what. */
const TOLD_AFTER = Object.freeze({
	queued: ["queued"],
	delivered: ["queued", "sent"],
	bounced: ["queued", "sent", "delivered"],
} as const);

/** Which of them a list has. */
export interface InvitationFilter {
	readonly user?: string | undefined;
	/** As stored; `expired`: those whose time is over. */
	readonly state?: StoredState | "expired" | undefined;
	/** The number of the last one of the page before. */
	readonly before?: number | undefined;
	readonly limit: number;
	/** Seconds since 1970. */
	readonly now: number;
}

export class InvitationsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async add(invitation: Omit<Invitation, "number" | "phone">, link: Uint8Array | undefined): Promise<void> {
		const { accepted, id, made, maker, opened, reason, replaces, sent, state, until, user, way } = invitation;
		await this.#sql.all(
			`INSERT INTO invitations (id, user_id, way, state, reason, maker, made, sent, until, opened, accepted, replaces, link)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			...[id, user, way, state, reason ?? null, maker, made, sent ?? null, until],
			...[opened ?? null, accepted ?? null, replaces === undefined ? null : fromHex(replaces), link ?? null],
		);
	}

	find(id: string): Promise<Invitation | undefined> {
		return this.#one("id = ?", id);
	}

	/** `link`: SHA-256 of its token. */
	findLink(link: Uint8Array): Promise<Invitation | undefined> {
		return this.#one("link = ?", link);
	}

	findCredential(id: string): Promise<Invitation | undefined> {
		return this.#one("credential = ?", fromHex(id));
	}

	/** `callback`: SHA-256 of what its message's gateway was given. */
	findCallback(callback: Uint8Array): Promise<Invitation | undefined> {
		return this.#one("callback = ?", callback);
	}

	/** Messages that went out since then. */
	async countSent(since: number): Promise<number> {
		const [row] = await this.#sql.all<{ count: number }>(
			"SELECT COUNT(*) AS count FROM invitations WHERE sent > ? AND way <> 'link'",
			since,
		);
		return Number(row!.count);
	}

	/** Notes that a person was invited, or again, and how often that was since `since`: the person, and by this maker. */
	async countInvite(
		user: string,
		maker: string,
		at: number,
		since: number,
	): Promise<{ user: number; maker: number }> {
		await this.#sql.all("DELETE FROM invites WHERE at <= ?", since);
		await this.#sql.all("INSERT INTO invites (at, user_id, maker) VALUES (?, ?, ?)", at, user, maker);
		const [row] = await this.#sql.all<{ user: number; maker: number }>(
			`SELECT SUM(CASE WHEN user_id = ? THEN 1 ELSE 0 END) AS "user", SUM(CASE WHEN maker = ? THEN 1 ELSE 0 END) AS maker
			FROM invites`,
			user,
			maker,
		);
		return { user: Number(row!.user), maker: Number(row!.maker) };
	}

	/** The newest first. */
	async list({ before, limit, now, state, user }: InvitationFilter): Promise<Invitation[]> {
		const where: string[] = [];
		const values: SqlValue[] = [];
		const and = (condition: string, ...more: SqlValue[]): void => {
			where.push(condition);
			values.push(...more);
		};
		if (user !== undefined) and("user_id = ?", user);
		if (before !== undefined) and("number < ?", before);
		if (state === "expired") and(`until <= ? AND ${IS_OPEN}`, now);
		else if (state !== undefined) {
			and("state = ?", state);
			if (OPEN_STATES.includes(state)) and("until > ?", now);
		}
		const all = where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`;
		const rows = await this.#sql.all<Row>(
			`SELECT ${FIELDS} FROM invitations ${all} ORDER BY number DESC LIMIT ?`,
			...values,
			limit,
		);
		return rows.map(invitationOf);
	}

	/** The newest of each of these users. */
	async newest(users: readonly string[]): Promise<Map<string, Invitation>> {
		if (users.length === 0) return new Map();
		const rows = await this.#sql.all<Row>(
			`SELECT ${FIELDS} FROM invitations WHERE number IN
			(SELECT MAX(number) FROM invitations WHERE user_id IN (${users.map(() => "?").join(",")}) GROUP BY user_id)`,
			...users,
		);
		return new Map(rows.map((row) => [row.user_id, invitationOf(row)]));
	}

	/** Those of a user whose link may still be accepted. */
	async open(user: string, now: number): Promise<Invitation[]> {
		const rows = await this.#sql.all<Row>(
			`SELECT ${FIELDS} FROM invitations WHERE user_id = ? AND until > ? AND ${IS_OPEN} ORDER BY number`,
			user,
			now,
		);
		return rows.map(invitationOf);
	}

	/** A new link in the place of the one before, which is worth nothing from then on. False: it is not open any more. */
	relink(
		id: string,
		link: Uint8Array | undefined,
		state: StoredState,
		at: number,
		until: number,
	): Promise<boolean> {
		return this.#change(
			id,
			OPEN_STATES,
			"link = ?, state = ?, sent = ?, until = ?, reason = NULL, opened = NULL, callback = NULL",
			link ?? null,
			state,
			state === "sent" ? at : null,
			until,
		);
	}

	/** Its message is about to be sent, with this link; `callback`: SHA-256 of what its gateway is given. False: it waits no more. */
	async link(id: string, link: Uint8Array, callback: Uint8Array, until: number): Promise<boolean> {
		return this.#change(id, ["queued"], "link = ?, callback = ?, until = ?", link, callback, until);
	}

	/** Its message was taken. False: more has become of it already. */
	sent(id: string, at: number): Promise<boolean> {
		return this.#change(id, ["queued"], "state = 'sent', sent = ?, reason = NULL", at);
	}

	/** What has become of its message besides. False: more has, or it was sent anew. */
	tell(id: string, state: "queued" | "delivered" | "bounced", reason: string | undefined): Promise<boolean> {
		return this.#change(id, TOLD_AFTER[state], "state = ?, reason = ?", state, reason ?? null);
	}

	/** Its page was looked at, the first time. */
	opened(id: string, at: number): Promise<boolean> {
		return this.#change(id, OPEN_STATES, "state = 'opened', opened = COALESCE(opened, ?)", at);
	}

	/** The link stays known, so that its holder is told. */
	withdraw(id: string): Promise<boolean> {
		return this.#change(id, OPEN_STATES, "state = 'withdrawn'");
	}

	/** The one phone that may. False: it is not open any more, or its link was replaced. */
	async accept(
		id: string,
		link: Uint8Array,
		{ credential, expires, issued, kid, publicKey, seen }: InvitedPhone,
	): Promise<boolean> {
		const rows = await this.#sql.all(
			`UPDATE invitations SET state = 'accepted', accepted = ?, opened = COALESCE(opened, ?), credential = ?, public_key = ?,
			issued = ?, expires = ?, kid = ?, seen = ? WHERE id = ? AND link = ? AND until > ? AND ${IS_OPEN} RETURNING id`,
			...[seen, seen, fromHex(credential), publicKey, issued, expires, kid, seen, id, link, seen],
		);
		return rows.length > 0;
	}

	/** The phone has a newer CWT. */
	async renewed(id: string, { expires, issued, kid }: Signed): Promise<void> {
		await this.#sql.all(
			"UPDATE invitations SET issued = ?, expires = ?, kid = ? WHERE id = ?",
			issued,
			expires,
			kid,
			id,
		);
	}

	async seen(id: string, at: number): Promise<void> {
		await this.#sql.all("UPDATE invitations SET seen = ? WHERE id = ?", at, id);
	}

	async #one(where: string, value: SqlValue): Promise<Invitation | undefined> {
		const [row] = await this.#sql.all<Row>(`SELECT ${FIELDS} FROM invitations WHERE ${where}`, value);
		return row && invitationOf(row);
	}

	async #change(
		id: string,
		states: readonly StoredState[],
		set: string,
		...values: SqlValue[]
	): Promise<boolean> {
		const rows = await this.#sql.all(
			`UPDATE invitations SET ${set} WHERE id = ? AND ${isIn(states)} RETURNING id`,
			...values,
			id,
		);
		return rows.length > 0;
	}
}

function invitationOf(row: Row): Invitation {
	const { accepted, id, made, maker, number, opened, reason, replaces, sent, state, until, user_id, way } =
		row;
	const { credential, expires, issued, kid, public_key: publicKey, seen } = row;
	return {
		...{ number, id, user: user_id, way, state, maker, made, until },
		reason: reason ?? undefined,
		sent: sent ?? undefined,
		opened: opened ?? undefined,
		accepted: accepted ?? undefined,
		replaces: replaces === null ? undefined : toHex(replaces),
		phone:
			credential === null
				? undefined
				: {
						...{ credential: toHex(credential), publicKey: publicKey! },
						...{ issued: issued!, expires: expires!, kid: kid!, seen: seen! },
					},
	};
}
