// Written by scripts/generate-operations.ts out of the SDK's type declarations. Do not edit.

/** The version of the SDK that these were made from. */
export const sdkVersion = '23.1.0'

/** The API version which that SDK speaks. */
export const apiVersion = '2026-10-28.endive'
