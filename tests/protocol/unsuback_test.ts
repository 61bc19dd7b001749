import { testVectors } from "./vector.ts";

testVectors("unsuback");
