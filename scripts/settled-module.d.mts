/** See settled-module.mjs. */
export declare function settledModule(text: string): string;
