mod encrypted_value;
