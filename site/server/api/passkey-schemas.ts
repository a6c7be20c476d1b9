// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import type {
	AuthenticationResponseJSON,
	PublicKeyCredentialCreationOptionsJSON,
	PublicKeyCredentialRequestOptionsJSON,
	RegistrationResponseJSON,
} from "@simplewebauthn/server";

/** The JSON forms of WebAuthn (section 5.1), as browsers take and make them. */
const Base64 = (max: number): ReturnType<typeof Type.String> =>
	Type.String({ pattern: "^[A-Za-z0-9_-]*$", maxLength: max });

export const RequestOptions = Type.Unsafe<PublicKeyCredentialRequestOptionsJSON>(
	Type.Object({}, { additionalProperties: true, description: "PublicKeyCredentialRequestOptionsJSON" }),
);
export const CreationOptions = Type.Unsafe<PublicKeyCredentialCreationOptionsJSON>(
	Type.Object({}, { additionalProperties: true, description: "PublicKeyCredentialCreationOptionsJSON" }),
);

const credential = {
	id: Base64(1400),
	rawId: Base64(1400),
	type: Type.Literal("public-key"),
	clientExtensionResults: Type.Object({}, { additionalProperties: true }),
};

export const AuthenticationResponse = Type.Unsafe<AuthenticationResponseJSON>(
	Type.Object(
		{
			...credential,
			response: Type.Object(
				{
					clientDataJSON: Base64(4000),
					authenticatorData: Base64(4000),
					signature: Base64(8000),
					userHandle: Type.Optional(Base64(100)),
				},
				{ additionalProperties: true },
			),
		},
		{ additionalProperties: true, description: "AuthenticationResponseJSON" },
	),
);
export const RegistrationResponse = Type.Unsafe<RegistrationResponseJSON>(
	Type.Object(
		{
			...credential,
			response: Type.Object(
				{
					clientDataJSON: Base64(4000),
					attestationObject: Base64(20_000),
					transports: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 20 })),
				},
				{ additionalProperties: true },
			),
		},
		{ additionalProperties: true, description: "RegistrationResponseJSON" },
	),
);
