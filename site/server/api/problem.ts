// SPDX-License-Identifier: Apache-2.0

import { STATUS_CODES } from "node:http";
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyError } from "fastify";
import { Failure } from "../../lib/files/failure.js";
import { PlanDocumentError } from "../../lib/plan/document.js";

/** Why the API refuses, as RFC 9457 has it: `reason` is stable, `detail` is for people. */
export class Problem extends Error {
	override readonly name = "Problem";
	readonly status: number;
	readonly reason: string;
	/** Seconds after which it may be tried again. */
	readonly retryAfter: number | undefined;

	constructor(status: number, reason: string, detail: string, retryAfter?: number) {
		super(detail);
		this.status = status;
		this.reason = reason;
		this.retryAfter = retryAfter;
	}
}

export const ProblemSchema = Type.Object(
	{
		type: Type.Literal("about:blank"),
		title: Type.String({ description: "The status in words" }),
		status: Type.Integer(),
		reason: Type.String({ description: "Stable, for programs" }),
		detail: Type.String({ description: "For people" }),
	},
	{ $id: "Problem", description: "A refusal (RFC 9457)" },
);

export function bodyOf({ message, reason, status }: Problem): object {
	return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, reason, detail: message };
}

export function notFound(what: string): Problem {
	return new Problem(404, "not-found", `there is no such ${what}`);
}

/** Any error as what a client is told; `undefined` for a defect, of which a client learns nothing. */
export function problemOf(error: unknown): Problem | undefined {
	if (error instanceof Problem) return error;
	if (error instanceof PlanDocumentError)
		return new Problem(422, "bad-plan", `${error.path.join(".")}: ${error.message}`);
	if (error instanceof Failure && error.exit !== "internal")
		return new Problem(
			error.exit === "refused" ? 409 : 422,
			error.reason,
			`${error.message}. ${error.advice}`,
		);
	return error instanceof Error && "statusCode" in error ? fastifyProblem(error as FastifyError) : undefined;
}

const REASONS: Readonly<Record<number, string>> = Object.freeze({
	400: "malformed",
	404: "not-found",
	405: "no-such-method",
	408: "too-slow",
	413: "too-large",
	414: "too-large",
	415: "not-json",
	503: "closing",
});

function fastifyProblem({
	message,
	statusCode = 500,
	validation,
	validationContext,
}: FastifyError): Problem | undefined {
	if (statusCode >= 500 && statusCode !== 503) return undefined;
	const [first] = validation ?? [];
	// Without the value, which may be a secret.
	const detail =
		first === undefined
			? message
			: `${validationContext ?? "body"}${first.instancePath.replaceAll("/", ".")} ${first.message ?? "is not valid"}${
					"additionalProperty" in first.params ? `: ${String(first.params.additionalProperty)}` : ""
				}`;
	return new Problem(
		statusCode,
		first === undefined ? (REASONS[statusCode] ?? "refused") : "invalid",
		detail,
	);
}
