{
  services.mcp = {
    enable = true;
    servers = {
      github.enabled = true;
      openai.enabled = true;
    };
  };
}
