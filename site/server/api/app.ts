// SPDX-License-Identifier: Apache-2.0

import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { Ajv } from "ajv";
import Fastify, {
	type FastifyContextConfig,
	type FastifyInstance,
	type FastifyReply,
	type FastifySchema,
	type RawServerDefault,
} from "fastify";
import { version } from "../../lib/version.js";
import { authenticate, keepToDoors } from "./authenticate.js";
import { bodyOf, Problem, ProblemSchema, problemOf } from "./problem.js";
import type { Role } from "./roles.js";
import type { Site } from "./site.js";

export type Api = FastifyInstance<
	RawServerDefault,
	import("node:http").IncomingMessage,
	import("node:http").ServerResponse,
	import("fastify").FastifyBaseLogger,
	TypeBoxTypeProvider
>;

/** Bytes of a request's body where a route does not say else. */
const BODY_LIMIT = 64 * 1024;
const REQUEST_MS = 30_000;
const MAX_PARAM = 100;

type Rights = Pick<FastifyContextConfig, "confirmed" | "ends" | "permits" | "scope">;

/** What a route asks of a caller, with its schema. */
export function needs<S extends FastifySchema & Rights>(
	role: Role,
	{ confirmed, ends, permits, scope, ...schema }: S,
): { config: FastifyContextConfig; schema: Omit<S, keyof Rights> } {
	const rights = { ...(confirmed && { confirmed }), ...(ends && { ends }), ...(permits && { permits }) };
	return { config: { role, ...rights, ...(scope && { scope }) }, schema };
}

/** A route of people who have not signed in yet, from the server's own pages. */
export function fromPage<S extends FastifySchema>(schema: S): { config: FastifyContextConfig; schema: S } {
	return { config: { fromPage: true }, schema };
}

export interface HttpsFiles {
	readonly cert: string;
	readonly key: string;
}

export interface HttpOptions {
	readonly https?: HttpsFiles | undefined;
	/** A proxy on this computer says from where a request comes; nobody else is believed. */
	readonly isBehindProxy?: boolean;
}

/** The HTTP server of a site, which does not listen yet. `defect`: what went wrong inside, for the server's own log. */
export async function newApi(
	site: Site,
	routes: readonly ((api: Api, site: Site) => void)[],
	defect: (error: unknown) => void,
	http?: HttpOptions,
): Promise<Api> {
	const api = await bareApi(defect, http);
	authenticate(api, site);
	api.addHook("preHandler", async ({ routeOptions }) => {
		if (routeOptions.config.role !== undefined) await site.catchUp();
	});
	keepToDoors(api, site);
	return withRoutes(
		api,
		routes.map((register) => (scope) => register(scope, site)),
	);
}

/** How the server answers, without a site and routes. */
export async function bareApi(
	defect: (error: unknown) => void,
	{ https, isBehindProxy = false }: HttpOptions = {},
): Promise<Api> {
	const common = {
		bodyLimit: BODY_LIMIT,
		requestTimeout: REQUEST_MS,
		trustProxy: isBehindProxy ? "loopback" : false,
		routerOptions: { maxParamLength: MAX_PARAM },
		// Open streams of events would hold a closing server for ever.
		forceCloseConnections: true as const,
	};
	const app: FastifyInstance = https
		? (Fastify({ ...common, https }) as unknown as FastifyInstance)
		: Fastify(common);
	const api = app.withTypeProvider<TypeBoxTypeProvider>() as Api;
	validateStrictly(api);
	api.addSchema(ProblemSchema);
	await describe(api);
	api.setErrorHandler((error, _, reply) => {
		const problem = problemOf(error);
		if (problem === undefined) defect(error);
		return refuse(reply, problem ?? new Problem(500, "internal", "a defect of the server; its log has more"));
	});
	api.setNotFoundHandler((_, reply) =>
		refuse(reply, new Problem(404, "not-found", "there is no such route")),
	);
	api.addHook("onSend", async (_, reply) => {
		reply.header("x-content-type-options", "nosniff");
		if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
	});
	return api;
}

/** With routes, and the document that describes them. */
export async function withRoutes(api: Api, routes: readonly ((api: Api) => void)[]): Promise<Api> {
	await api.register(async (scope) => {
		for (const register of routes) register(scope.withTypeProvider<TypeBoxTypeProvider>() as Api);
	});
	api.get("/api/openapi.json", { schema: { hide: true } }, async () => api.swagger());
	return api;
}

/** A body is what it says, and has nothing else; texts of a query may be numbers. */
function validateStrictly(api: Api): void {
	const strict = new Ajv({ allErrors: false, strict: false });
	const query = new Ajv({ allErrors: false, strict: false, coerceTypes: true, useDefaults: true });
	api.setValidatorCompiler(({ httpPart, schema }) =>
		(httpPart === "body" ? strict : query).compile(schema as object),
	);
}

async function describe(api: Api): Promise<void> {
	// What a route with a role may answer, besides what it is for.
	api.addHook("onRoute", (route) => {
		if (route.config?.role === undefined) return;
		const { description, response, ...schema } = route.schema ?? {};
		route.schema = {
			...schema,
			description: `${description === undefined ? "" : `${description} `}${rightsWords(route.config)}`,
			security: [{ token: [] }, { session: [] }],
			response: { ...(response as object), "4xx": { $ref: "Problem#" }, "5xx": { $ref: "Problem#" } },
		};
	});
	await api.register(swagger, {
		openapi: {
			openapi: "3.1.0",
			info: {
				title: "Lintel site server",
				description: "Doors, people and plans of one site. docs/server.md has what it may do.",
				version,
				license: { name: "Apache-2.0", identifier: "Apache-2.0" },
			},
			servers: [{ url: "/" }],
			components: {
				securitySchemes: {
					token: { type: "http", scheme: "bearer" },
					session: { type: "apiKey", in: "cookie", name: "__Host-lintel" },
				},
			},
		},
		refResolver: { buildLocalReference: (json, _, __, i) => String(json.$id ?? `schema-${i}`) },
	});
}

function rightsWords({ confirmed, permits, role }: FastifyContextConfig): string {
	const confirms = confirmed || permits ? " A person confirms first." : "";
	return `Needs the role ${role} or above${permits ? ", of a person or of the owner's token" : ""}.${confirms}`;
}

function refuse(reply: FastifyReply, problem: Problem): FastifyReply {
	if (problem.status === 401) reply.header("www-authenticate", "Bearer");
	if (problem.retryAfter !== undefined) reply.header("retry-after", problem.retryAfter);
	return reply
		.status(problem.status)
		.type("application/problem+json")
		.serializer(JSON.stringify)
		.send(bodyOf(problem));
}
